//! The two tables: recovery, cost and the stream for issues to come.

use aws_sdk_dynamodb::types::{BillingMode, PointInTimeRecoveryStatus, TimeToLiveStatus};

use super::{Doctor, State, why};
use crate::aws::fault;

/// The tables: logical id, and the names of what is looked at.
const TABLES: [(&str, &str, [&str; 3]); 2] = [
    ("LibraryTable", "library", ["library.recovery", "library.on-demand", "library.protection"]),
    ("AuditTable", "audit", ["audit.recovery", "audit.on-demand", "audit.protection"]),
];

impl Doctor<'_> {
    pub(super) async fn tables(&mut self) {
        for (part, name, ids) in TABLES {
            let Some(table) = self.part(part) else { continue };
            self.recovery(&table, name, ids[0]).await;
            self.table(&table, name, ids).await;
            if part == "LibraryTable" {
                self.ttl(&table).await;
            }
        }
    }

    async fn recovery(&mut self, table: &str, name: &str, id: &'static str) {
        let what = format!("The {name} table can be set back to any moment of the last 35 days");
        let answer = self.account.tables().describe_continuous_backups().table_name(table).send().await;
        match answer.map_err(|error| fault(&error)) {
            Ok(answer) => {
                let status = answer
                    .continuous_backups_description()
                    .and_then(|backups| backups.point_in_time_recovery_description())
                    .and_then(|recovery| recovery.point_in_time_recovery_status());
                let fix = format!(
                    "aws dynamodb update-continuous-backups --table-name {table} \
                     --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true {}",
                    self.here()
                );
                let on = status == Some(&PointInTimeRecoveryStatus::Enabled);
                self.judge(id, &what, on, "rows that are lost stay lost", fix);
            }
            Err(fault) => self.note(id, what, State::Unknown(why(&fault))),
        }
    }

    async fn table(&mut self, table: &str, name: &str, ids: [&'static str; 3]) {
        let cost = format!("The {name} table costs nothing while nobody uses it");
        let protected = format!("The {name} table is protected from deletion");
        let answer = self.account.tables().describe_table().table_name(table).send().await;
        let described = match answer.map_err(|error| fault(&error)) {
            Ok(answer) => answer.table,
            Err(fault) => return self.unknown(&[(ids[1], &cost), (ids[2], &protected)], &why(&fault)),
        };
        let Some(described) = described else { return };
        let mode = described.billing_mode_summary().and_then(|summary| summary.billing_mode());
        let change = format!("aws dynamodb update-table --table-name {table} {}", self.here());
        let on_demand = mode == Some(&BillingMode::PayPerRequest);
        let fix = format!("{change} --billing-mode PAY_PER_REQUEST");
        self.judge(ids[1], &cost, on_demand, "capacity is paid for by the hour", fix);
        let on = described.deletion_protection_enabled() == Some(true);
        let fix = format!("{change} --deletion-protection-enabled");
        self.judge(ids[2], &protected, on, "one wrong click would lose its rows", fix);
        if name == "library" {
            let on = described.stream_specification().is_some_and(|stream| stream.stream_enabled());
            let fix = format!("{change} --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES");
            self.judge(
                "library.stream",
                "The library table tells its changes",
                on,
                "other computers hear no news",
                fix,
            );
        }
    }

    async fn ttl(&mut self, table: &str) {
        let (id, what) = ("library.ttl", "Rows of the library table that have run out go by themselves");
        let answer = self.account.tables().describe_time_to_live().table_name(table).send().await;
        match answer.map_err(|error| fault(&error)) {
            Ok(answer) => {
                let ttl = answer.time_to_live_description();
                let status = ttl.and_then(|ttl| ttl.time_to_live_status());
                let on = matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
                    && ttl.and_then(|ttl| ttl.attribute_name()) == Some("ttl");
                let fix = format!(
                    "aws dynamodb update-time-to-live --table-name {table} --time-to-live-specification \
                     Enabled=true,AttributeName=ttl {}",
                    self.here()
                );
                self.judge(id, what, on, "they stay and cost money", fix);
            }
            Err(fault) => self.note(id, what, State::Unknown(why(&fault))),
        }
    }
}
