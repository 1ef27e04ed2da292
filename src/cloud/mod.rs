//! Building and checking the AWS account: the template, its deployment, the doctor, and what it costs.

pub mod bucket;
