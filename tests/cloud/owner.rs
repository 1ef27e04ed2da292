//! The owner's own hands in the account: what tests set up and break there, with AWS's own client.

use std::future::Future;
use std::sync::OnceLock;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use lightkeep::domain::account::AwsSettings;

use crate::common::servers::{Ministack, REGION};

/// The clients' configuration for the stand-in's root.
pub fn config(server: &Ministack) -> SdkConfig {
    let root = SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test"));
    lightkeep::aws::config(REGION, Some(&server.endpoint()), Some(root))
}

pub fn objects(server: &Ministack) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(&config(server)).force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

/// Runs something that waits. One runtime for all: the process has one pool of connections, and a connection dies with
/// the runtime that made it.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let make = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    RUNTIME.get_or_init(make).block_on(work)
}

/// The settings that a line holds.
#[track_caller]
pub fn settings(line: &str) -> AwsSettings {
    AwsSettings::from_line(line).unwrap()
}

/// The name of a part of a stack.
#[track_caller]
pub fn part(server: &Ministack, stack: &str, logical: &str) -> String {
    let client = aws_sdk_cloudformation::Client::new(&config(server));
    let answer = wait(client.describe_stack_resource().stack_name(stack).logical_resource_id(logical).send()).unwrap();
    answer.stack_resource_detail().unwrap().physical_resource_id().unwrap().to_owned()
}
