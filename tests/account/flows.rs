//! From sign-up to sign-out and deletion, with every challenge that the stand-in knows.

use crate::home::{EMAIL, Home, PASSWORD, totp};

#[test]
fn a_new_person_signs_up_confirms_signs_in_and_stays_signed_in() {
    let home = Home::new();
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_out");
    let (code, message) = home.fails(&["sign-up"], &[EMAIL, "short"]);
    assert_eq!(code, "usage", "{message}");
    let sent = home.ok(&["sign-up"], &[EMAIL, PASSWORD]);
    // The stand-in does not mask the address, and what is not masked is not shown.
    assert!(!sent.to_string().contains(EMAIL), "{sent}");
    assert_eq!(home.fails(&["sign-up"], &[EMAIL, PASSWORD]).0, "denied", "the address is taken");
    let code = home.code(EMAIL, 1);
    assert_eq!(home.fails(&["confirm"], &[EMAIL, "000001"]).0, "denied");
    assert_eq!(home.fails(&["confirm"], &[EMAIL, "no code"]).0, "usage");
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    home.ok(&["confirm"], &[EMAIL, &spaced]);
    assert_eq!(home.fails(&["sign-in"], &[EMAIL, "Wrong-password-1"]).0, "denied");
    assert_eq!(home.fails(&["sign-in"], &["nobody@example.org", PASSWORD]).0, "denied");
    let state = home.ok(&["sign-in"], &[EMAIL, PASSWORD]);
    assert_eq!(state["session"], "signed_in");
    assert_eq!(state["email"], EMAIL);
    assert_eq!(state["kept"], "keyring");
    let identity = state["identity_id"].as_str().unwrap().to_owned();
    assert!(identity.starts_with("eu-central-1:"), "{identity}");
    // Another process, another day.
    let state = home.ok(&["status"], &[]);
    assert_eq!(state["session"], "signed_in");
    assert_eq!(state["identity_id"], identity.as_str());
    let access = home.ok(&["token", "--show", "access"], &[])["token"].as_str().unwrap().to_owned();
    let id = home.ok(&["token", "--show", "id"], &[])["token"].as_str().unwrap().to_owned();
    assert_eq!(access.split('.').count(), 3);
    assert_ne!(access, id);
    assert_eq!(home.ok(&["refresh"], &[])["session"], "signed_in");
    assert_eq!(home.ok(&["token", "refresh"], &[])["session"], "signed_in");
    home.ok(&["sign-out"], &[]);
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_out");
    assert_eq!(home.fails(&["token", "--show", "access"], &[]).0, "signed_out");
    // The identity stays the same with the next sign-in.
    assert_eq!(home.ok(&["sign-in", "--email", EMAIL], &[PASSWORD])["identity_id"], identity.as_str());
}

#[test]
fn a_password_is_changed_forgotten_and_made_anew() {
    let home = Home::new();
    home.signed_in();
    const SECOND: &str = "Second-password-22";
    const THIRD: &str = "Third-password-333";
    assert_eq!(home.fails(&["password"], &["Not-the-old-one-1", SECOND]).0, "denied");
    assert_eq!(home.fails(&["password"], &[PASSWORD, "weak"]).0, "usage");
    home.ok(&["password"], &[PASSWORD, SECOND]);
    home.ok(&["sign-out"], &[]);
    assert_eq!(home.fails(&["sign-in"], &[EMAIL, PASSWORD]).0, "denied");
    home.ok(&["sign-in"], &[EMAIL, SECOND]);
    home.ok(&["sign-out"], &[]);
    let before = home.server.confirmation_codes(EMAIL).len();
    home.ok(&["forgot"], &[EMAIL]);
    let code = home.code(EMAIL, before + 1);
    assert_eq!(home.fails(&["reset"], &[EMAIL, "123", THIRD]).0, "usage");
    assert_eq!(home.fails(&["reset"], &[EMAIL, "000001", THIRD]).0, "denied");
    assert_eq!(home.ok(&["reset"], &[EMAIL, &code, THIRD])["session"], "signed_in");
    home.ok(&["sign-out"], &[]);
    assert_eq!(home.ok(&["sign-in"], &[EMAIL, THIRD])["session"], "signed_in");
}

#[test]
fn an_authenticator_app_is_set_up_asked_for_and_removed() {
    let home = Home::new();
    home.signed_in();
    // The key is shown on standard error, where a person sees it; the code is wanted on standard input.
    let wrong = home.account(&["mfa", "set-up"], &["000000"]);
    assert_eq!(wrong.json()["error"]["code"], "denied", "{wrong:?}");
    let key = set_up(&home);
    assert_eq!(home.ok(&["mfa", "status"], &[])["factors"], serde_json::json!(["totp"]));
    home.ok(&["sign-out"], &[]);
    let (code, message) = home.fails(&["sign-in"], &[EMAIL, PASSWORD]);
    assert_eq!(code, "usage", "no line for the code: {message}");
    assert_eq!(home.fails(&["sign-in"], &[EMAIL, PASSWORD, "000000"]).0, "denied");
    let state = home.ok(&["sign-in"], &[EMAIL, PASSWORD, &totp(&key, 0)]);
    assert_eq!(state["session"], "signed_in");
    assert_eq!(home.ok(&["mfa", "remove"], &[])["factors"], serde_json::json!([]));
    home.ok(&["sign-out"], &[]);
    assert_eq!(home.ok(&["sign-in"], &[EMAIL, PASSWORD])["session"], "signed_in");
}

/// Sets an app up as a person would: reads the key, then types its code. The key.
fn set_up(home: &Home) -> String {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::process::Stdio;
    let mut command = home.program();
    command.args(["account", "--json", "mfa", "set-up"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let key = loop {
        let mut line = String::new();
        assert!(said.read_line(&mut line).unwrap() > 0, "no key was shown");
        if let Some(key) = line.trim().strip_prefix("Key: ") {
            break key.to_owned();
        }
    };
    writeln!(child.stdin.take().unwrap(), "{}", totp(&key, 0)).unwrap();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert!(child.wait().unwrap().success(), "{out}");
    key
}

#[test]
fn a_password_given_by_an_administrator_is_replaced() {
    let home = Home::new();
    home.python(
        "aws('cognito-idp').admin_create_user(UserPoolId=pool, Username='ann.adams@example.org', \
         TemporaryPassword='Temporary-pass-1', MessageAction='SUPPRESS', UserAttributes=[dict(Name='email', \
         Value='ann.adams@example.org'), dict(Name='email_verified', Value='true')])",
    );
    assert_eq!(home.fails(&["sign-in"], &[EMAIL, "Temporary-pass-1", "weak"]).0, "usage");
    assert_eq!(home.ok(&["sign-in"], &[EMAIL, "Temporary-pass-1", PASSWORD])["session"], "signed_in");
    home.ok(&["sign-out"], &[]);
    assert_eq!(home.ok(&["sign-in"], &[EMAIL, PASSWORD])["session"], "signed_in");
}

#[test]
fn who_never_confirmed_is_asked_for_the_code_at_sign_in() {
    let home = Home::new();
    home.ok(&["sign-up"], &[EMAIL, PASSWORD]);
    home.code(EMAIL, 1);
    home.ok(&["confirm", "--resend"], &[EMAIL]);
    home.code(EMAIL, 2);
    // The sign-in has a third code sent; typing an older one is a wrong code.
    assert_eq!(home.fails(&["sign-in"], &[EMAIL, PASSWORD, "000001"]).0, "denied");
    let newest = home.code(EMAIL, 3);
    home.ok(&["confirm"], &[EMAIL, &newest]);
    assert_eq!(home.ok(&["sign-in"], &[EMAIL, PASSWORD])["session"], "signed_in");
}

#[test]
fn signing_out_everywhere_ends_every_other_sign_in() {
    let home = Home::new();
    home.signed_in();
    let access = home.ok(&["token", "--show", "access"], &[])["token"].as_str().unwrap().to_owned();
    home.ok(&["sign-out", "--everywhere"], &[]);
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_out");
    let refused = home.python(&format!(
        "try:\n    aws('cognito-idp').get_user(AccessToken='{access}'); print('taken')\nexcept Exception: print('refused')"
    ));
    assert_eq!(refused, "refused");
}

#[test]
fn a_deleted_account_is_gone_after_the_typed_words_only() {
    let home = Home::new();
    home.signed_in();
    assert_eq!(home.fails(&["delete"], &["yes"]).0, "usage");
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_in");
    home.ok(&["delete"], &["delete my account"]);
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_out");
    assert_eq!(home.fails(&["sign-in"], &[EMAIL, PASSWORD]).0, "denied");
}

#[test]
fn a_revoked_sign_in_ends_with_the_next_refresh_and_says_so() {
    let home = Home::new();
    home.signed_in();
    home.ok(&["revoke"], &[]);
    let state = home.ok(&["status"], &[]);
    assert_eq!(state["session"], "signed_out");
    assert!(state["why"].as_str().unwrap().contains("revoked"), "{state}");
    assert_eq!(home.ok(&["sign-in"], &[EMAIL, PASSWORD])["session"], "signed_in");
}

#[test]
fn the_bucket_is_reached_with_the_identitys_own_credentials() {
    let home = Home::new();
    let state = home.signed_in();
    let identity = state["identity_id"].as_str().unwrap();
    // The stand-in does not fill `${cognito-identity.amazonaws.com:sub}` in: the role gets this identity by name.
    home.python(&format!(
        "iam = aws('iam')\nfor role in iam.list_roles()['Roles']:\n    name = role['RoleName']\n    for policy in \
         iam.list_role_policies(RoleName=name)['PolicyNames']:\n        text = \
         json.dumps(iam.get_role_policy(RoleName=name, PolicyName=policy)['PolicyDocument'])\n        \
         iam.put_role_policy(RoleName=name, PolicyName=policy, \
         PolicyDocument=text.replace('${{cognito-identity.amazonaws.com:sub}}', '{identity}'))\n\
         # Over plain HTTP the bucket is shut, which is right.\naws('s3').delete_bucket_policy(Bucket=bucket)"
    ));
    let checked = home.ok(&["check"], &[]);
    assert_eq!(checked["prefix"], format!("{identity}/"));
    let states: Vec<&str> =
        checked["checks"].as_array().unwrap().iter().map(|check| check["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["good", "good"], "{checked}");
    home.python("aws('s3').put_bucket_versioning(Bucket=bucket, VersioningConfiguration=dict(Status='Suspended'))");
    let ran = home.account(&["check"], &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.json()["checks"][1]["state"], "bad", "{ran:?}");
}

#[test]
fn going_back_to_this_computer_forgets_nothing() {
    let home = Home::new();
    home.signed_in();
    assert_eq!(home.ok(&["use", "--this-computer"], &[])["place"]["kind"], "this_computer");
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_out");
    assert_eq!(home.ok(&["use", "-"], &[&home.line])["session"], "signed_in");
    for wrong in ["", "lightkeep:1?region=x", "https://example.org", "lightkeep:9?a=b"] {
        assert_eq!(home.fails(&["use", "-"], &[wrong]).0, "usage", "{wrong}");
    }
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_in", "a wrong line changes nothing");
}

#[test]
fn signing_out_with_the_network_away_forgets_here_and_says_what_it_could_not_do() {
    let home = Home::new();
    home.signed_in();
    home.ok(&["use", &home.line.replace(&home.server.endpoint(), "http://127.0.0.1:9")], &[]);
    let state = home.ok(&["status"], &[]);
    assert_eq!((&state["session"], &state["email"]), (&"offline".into(), &EMAIL.into()));
    let (code, message) = home.fails(&["sign-out"], &[]);
    assert_eq!(code, "offline");
    assert!(message.starts_with("Signed out on this computer"), "{message}");
    assert_eq!(home.ok(&["status"], &[])["session"], "signed_out");
    assert_eq!(home.fails(&["sign-out"], &[]).0, "signed_out");
}

#[test]
fn settings_of_something_that_does_not_exist_are_named() {
    let home = Home::new();
    let from = home.line.find("client=").unwrap() + "client=".len();
    let client = home.line[from..].split('&').next().unwrap();
    home.ok(&["use", &home.line.replace(client, "nosuchclient")], &[]);
    let (code, message) = home.fails(&["sign-in"], &[EMAIL, PASSWORD]);
    assert_eq!(code, "settings", "{message}");
    assert!(message.contains("client"), "{message}");
    let ran = home.account(&["sign-in"], &[EMAIL, PASSWORD]);
    let error = &ran.json()["error"];
    assert!(error["hint"].as_str().unwrap().contains("settings line"), "{error}");
    assert!(error["details"].as_str().unwrap().contains("ResourceNotFoundException"), "{error}");
}
