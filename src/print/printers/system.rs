//! All ways to printers as one: CUPS, printers that announce themselves or are named by address, and `lp` where the
//! print server does not speak IPP.

use std::collections::BTreeSet;

use super::cups::{Ipp, away};
use super::lp::Lp;
use super::wire::Stop;
use super::{Document, PrintFault, PrintSystem, Submitted, nearby};
use crate::domain::printers::{Job, Printer, Ticket, Via};

/// The printers of this computer.
#[derive(Debug, Clone)]
pub struct System {
    ipp: Ipp,
}

impl Default for System {
    fn default() -> Self {
        Self { ipp: Ipp::here() }
    }
}

impl System {
    /// Through a certain print server.
    #[must_use]
    pub fn through(ipp: Ipp) -> Self {
        Self { ipp }
    }

    /// Carries something out through IPP, and by command where the print server cannot be reached and it is a queue's.
    fn either<T>(
        &self,
        printer: Option<&str>,
        ipp: impl FnOnce(&Ipp) -> Result<T, PrintFault>,
        lp: impl FnOnce(Lp) -> Result<T, PrintFault>,
    ) -> Result<T, PrintFault> {
        match ipp(&self.ipp) {
            Err(away @ PrintFault::Away(_)) if printer.is_none_or(|name| !name.contains("://")) => {
                // What IPP said is the better word where commands do not help either.
                lp(Lp).map_err(|fault| if fault == PrintFault::Cancelled { fault } else { away })
            }
            other => other,
        }
    }

    /// Printers that announce themselves and have no queue here.
    fn around(&self, queues: &[Printer], stop: Stop<'_>) -> Vec<Printer> {
        let names: BTreeSet<&str> = queues.iter().map(|printer| printer.id.as_str()).collect();
        let mut found = nearby::find(stop);
        // A queue that this very server shares announces itself too.
        found.retain(|one| one.path.rsplit_once('/').is_none_or(|(_, name)| !names.contains(name)));
        // CUPS makes a queue of an announced printer when one is added, and names it after the printer.
        let like =
            |name: &str| name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect::<String>();
        found.retain(|one| !names.contains(like(&one.name).as_str()));
        std::thread::scope(|scope| {
            let asked: Vec<_> = found
                .iter()
                .map(|one| {
                    scope.spawn(|| {
                        let described = self.ipp.describe(&one.uri, stop);
                        described.unwrap_or_else(|fault| Printer {
                            name: one.name.clone(),
                            ..away(&one.uri, Via::Ipp, &fault)
                        })
                    })
                })
                .collect();
            asked.into_iter().filter_map(|one| one.join().ok()).collect()
        })
    }
}

impl PrintSystem for System {
    fn list(&self, stop: Stop<'_>) -> Result<Vec<Printer>, PrintFault> {
        let queues = self.either(None, |ipp| ipp.list(stop), |lp| lp.list(stop));
        let mut printers = match &queues {
            Ok(queues) => queues.clone(),
            Err(PrintFault::Cancelled) => return queues,
            Err(_) => Vec::new(),
        };
        let around = self.around(&printers, stop);
        // Without a print server, printers of the network are still printers.
        if around.is_empty() && printers.is_empty() {
            return queues;
        }
        printers.extend(around);
        printers.sort_by_key(|printer| (!printer.is_default, printer.name.to_lowercase()));
        Ok(printers)
    }

    fn describe(&self, printer: &str, stop: Stop<'_>) -> Result<Printer, PrintFault> {
        self.either(Some(printer), |ipp| ipp.describe(printer, stop), |lp| lp.describe(printer, stop))
    }

    fn submit(
        &self,
        document: Document<'_>,
        ticket: &Ticket,
        sent: &dyn Fn(u64),
        stop: Stop<'_>,
    ) -> Result<Submitted, PrintFault> {
        // Only a server that cannot be asked at all is gone round: one that took half a job must not get another.
        match self.describe(&ticket.printer, stop)?.via {
            Via::Lp => Lp.submit(document, ticket, sent, stop),
            _ => self.ipp.submit(document, ticket, sent, stop),
        }
    }

    fn jobs(&self, all: bool, stop: Stop<'_>) -> Result<Vec<Job>, PrintFault> {
        self.either(None, |ipp| ipp.jobs(all, stop), |lp| lp.jobs(all, stop))
    }

    fn job(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<Job, PrintFault> {
        self.either(Some(printer), |ipp| ipp.job(printer, number, stop), |lp| lp.job(printer, number, stop))
    }

    fn cancel(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<(), PrintFault> {
        self.either(Some(printer), |ipp| ipp.cancel(printer, number, stop), |lp| lp.cancel(printer, number, stop))
    }

    fn reprint(&self, printer: &str, number: i32, stop: Stop<'_>) -> Result<Job, PrintFault> {
        self.either(Some(printer), |ipp| ipp.reprint(printer, number, stop), |lp| lp.reprint(printer, number, stop))
    }
}
