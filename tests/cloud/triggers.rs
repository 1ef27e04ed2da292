//! The triggers' own code, run by a real Python with a real boto3, against real tables: the stand-in's pool calls only
//! one of them.

use std::process::Command;

use crate::common::servers::{Ministack, REGION, STACK, free_port, server_program};
use crate::owner::{config, part, wait};

/// The inline code of a function of the template.
#[track_caller]
fn code(function: &str) -> String {
    let template = std::fs::read_to_string("packaging/aws/template.yaml").unwrap();
    let (_, rest) = template.split_once(&format!("\n  {function}:\n    Type: AWS::Lambda::Function\n")).unwrap();
    let (_, rest) = rest.split_once("ZipFile: |\n").unwrap();
    let lines = rest.lines().take_while(|line| line.is_empty() || line.starts_with("          "));
    lines.map(|line| line.get(10..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Runs a function with an event, as Lambda would; what it answered, or how it failed.
#[track_caller]
fn run(function: &str, event: &str, environment: &[(&str, &str)]) -> Result<String, String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("index.py"), code(function)).unwrap();
    let call = "import json, sys, time, index; started = time.monotonic(); \
                answer = index.handler(json.loads(sys.argv[1]), None); \
                assert time.monotonic() - started < 4.5, 'too slow for Cognito'; print(json.dumps(answer))";
    let mut command = Command::new(server_program("python3"));
    command.args(["-c", call, event]).current_dir(dir.path()).env_clear().env("AWS_REGION", REGION);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_DEFAULT_REGION", REGION);
    let ran = command.envs(environment.iter().copied()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if ran.status.success() { Ok(text(&ran.stdout)) } else { Err(text(&ran.stderr)) }
}

fn event(source: &str) -> String {
    format!(
        r#"{{"triggerSource": "{source}", "callerContext": {{"clientId": "client-1"}},
            "request": {{"userAttributes": {{"sub": "sub-1", "email": "Ann@Example.org"}}}}, "response": {{}}}}"#
    )
}

#[test]
fn only_allowed_domains_sign_up() {
    let sign_up = event("PreSignUp_SignUp");
    for fine in ["", "example.org", " other.net , EXAMPLE.org,"] {
        assert!(run("PreSignUp", &sign_up, &[("DOMAINS", fine)]).is_ok(), "{fine}");
    }
    for wrong in ["other.net", "xexample.org", "org"] {
        let refused = run("PreSignUp", &sign_up, &[("DOMAINS", wrong)]).unwrap_err();
        assert!(refused.contains("may not sign up here"), "{wrong}: {refused}");
    }
    assert!(run("PreSignUp", &event("PreSignUp_AdminCreateUser"), &[("DOMAINS", "other.net")]).is_ok());
}

#[test]
fn audit_rows_are_written_and_never_in_the_way() {
    let (server, _) = Ministack::deployed();
    let table = part(&server, STACK, "AuditTable");
    let tables = aws_sdk_dynamodb::Client::new(&config(&server));
    let rows = || {
        let found = wait(tables.scan().table_name(&table).send()).unwrap();
        let mut rows: Vec<_> = found
            .items()
            .iter()
            .map(|row| (row["pk"].as_s().unwrap().clone(), row["what"].as_s().unwrap().clone(), row.len()))
            .collect();
        rows.sort();
        rows
    };
    let endpoint = server.endpoint();
    let there = [("TABLE", table.as_str()), ("AWS_ENDPOINT_URL", endpoint.as_str())];
    run("PostConfirmation", &event("PostConfirmation_ConfirmForgotPassword"), &there).unwrap();
    assert!(rows().is_empty(), "only a sign-up counts");
    run("PostConfirmation", &event("PostConfirmation_ConfirmSignUp"), &there).unwrap();
    run("PostAuthentication", &event("PostAuthentication_Authentication"), &there).unwrap();
    let row = |what: &str| ("sub-1".to_owned(), what.to_owned(), 4);
    assert_eq!(rows(), [row("sign-in"), row("sign-up")], "pk, sk, what and client; no address");

    // No table, nobody there, somebody who never answers, an event without a user: nobody is locked out.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let nobody = format!("http://127.0.0.1:{}", free_port());
    for (table, at) in [("no-such-table", &endpoint), (table.as_str(), &nobody), (table.as_str(), &silent)] {
        let there = [("TABLE", table), ("AWS_ENDPOINT_URL", at.as_str())];
        for (function, source) in [
            ("PostAuthentication", "PostAuthentication_Authentication"),
            ("PostConfirmation", "PostConfirmation_ConfirmSignUp"),
        ] {
            let said = run(function, &event(source), &there).unwrap();
            assert!(said.contains("audit row not written") && !said.contains("xample.org: "), "{said}");
        }
    }
    let empty = r#"{"triggerSource": "PostConfirmation_ConfirmSignUp", "request": {}, "callerContext": {}}"#;
    assert!(run("PostConfirmation", empty, &there).is_ok());
    assert_eq!(rows().len(), 2);
}
