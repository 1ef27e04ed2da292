//! The second way in: an S3-compatible server with keys of one's own, and a profile of the AWS configuration files.

use serde_json::Value;

use crate::home::{Home, files_below};

/// A user with rights on one bucket: access key id and secret access key.
fn keys(home: &Home) -> (String, String) {
    let said = home.python(
        "s3, iam = aws('s3'), aws('iam')\ns3.create_bucket(Bucket='own-photos', \
         CreateBucketConfiguration=dict(LocationConstraint='eu-central-1'))\n\
         s3.put_bucket_versioning(Bucket='own-photos', VersioningConfiguration=dict(Status='Enabled'))\n\
         iam.create_user(UserName='ann')\niam.put_user_policy(UserName='ann', PolicyName='p', \
         PolicyDocument=json.dumps(dict(Version='2012-10-17', Statement=[dict(Effect='Allow', Action='s3:*', \
         Resource=['arn:aws:s3:::own-photos', 'arn:aws:s3:::own-photos/*'])])))\n\
         key = iam.create_access_key(UserName='ann')['AccessKey']\nprint(key['AccessKeyId'], key['SecretAccessKey'])",
    );
    let (access, secret) = said.split_once(' ').unwrap();
    (access.to_owned(), secret.to_owned())
}

fn states(checked: &Value) -> Vec<&str> {
    checked["checks"].as_array().unwrap().iter().map(|check| check["state"].as_str().unwrap()).collect()
}

#[test]
fn keys_of_ones_own_reach_the_bucket_and_stay_in_the_keyring() {
    let home = Home::new();
    let (access, secret) = keys(&home);
    let endpoint = home.server.endpoint();
    let server = ["remote", "--endpoint", &endpoint, "--region", "eu-central-1", "--path-style", "--bucket"];
    let with = |bucket: &'static str| [server.as_slice(), &[bucket]].concat();
    let state = home.ok(&with("own-photos"), &[&access, &secret]);
    assert_eq!(state["place"]["kind"], "remote");
    // Another process takes them from the keyring.
    let checked = home.ok(&["check"], &[]);
    assert_eq!(states(&checked), ["good", "good"], "{checked}");
    assert_eq!(checked["prefix"], "lightkeep/");
    for (path, content) in files_below(home.dir.path()) {
        let found = content.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "the secret key stands in {}", path.display());
    }
    home.python(
        "aws('s3').put_bucket_versioning(Bucket='own-photos', VersioningConfiguration=dict(Status='Suspended'))",
    );
    let ran = home.account(&["check"], &[]);
    assert_eq!((ran.code, states(&ran.json())), (1, vec!["good", "bad"]), "{ran:?}");
    assert!(ran.out.contains("put-bucket-versioning"), "the command that turns it on: {ran:?}");
    // Wrong keys, a bucket that is not there, a server that is not there.
    home.ok(&with("own-photos"), &[&access, "not-the-secret-access-key-of-anybody"]);
    let ran = home.account(&["check"], &[]);
    assert_eq!(states(&ran.json())[0], "bad", "{ran:?}");
    home.ok(&with("no-such-photos"), &[&access, &secret]);
    let ran = home.account(&["check"], &[]);
    assert_eq!(states(&ran.json())[0], "bad", "{ran:?}");
    home.ok(&["remote", "--endpoint", "http://127.0.0.1:9", "--bucket", "own-photos"], &[&access, &secret]);
    assert_eq!(home.fails(&["check"], &[]).0, "offline");
    for wrong in
        [["--endpoint", "http://example.org"], ["--endpoint", "ftp://x"], ["--region", "No Such"], ["--prefix", "a/b"]]
    {
        let args = [["remote", "--bucket", "own-photos"].as_slice(), &wrong].concat();
        assert_eq!(home.fails(&args, &[&access, &secret]).0, "usage", "{wrong:?}");
    }
    assert_eq!(home.fails(&with("own-photos"), &["", ""]).0, "usage", "keys of nothing");
    assert_eq!(home.fails(&["remote", "--bucket", "Not A Bucket"], &[&access, &secret]).0, "usage");
}

#[test]
fn a_named_profile_needs_no_keys_here() {
    let home = Home::new();
    let (access, secret) = keys(&home);
    // The keyring's home is the program's.
    let dir = home.keyring.home().join(".aws");
    std::fs::create_dir_all(&dir).unwrap();
    let text = format!("[photos]\naws_access_key_id = {access}\naws_secret_access_key = {secret}\n");
    std::fs::write(dir.join("credentials"), text).unwrap();
    let endpoint = home.server.endpoint();
    let args =
        ["remote", "--endpoint", &endpoint, "--region", "eu-central-1", "--path-style", "--bucket", "own-photos"];
    home.ok(&[args.as_slice(), &["--profile", "photos"]].concat(), &[]);
    let checked = home.ok(&["check"], &[]);
    assert_eq!(states(&checked), ["good", "good"], "{checked}");
    home.ok(&[args.as_slice(), &["--profile", "nobody"]].concat(), &[]);
    let (code, message) = home.fails(&["check"], &[]);
    assert_eq!(code, "usage", "{message}");
    assert!(message.contains("credentials") && message.contains("profile"), "{message}");
}
