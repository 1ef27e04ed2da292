//! An S3-compatible server, or a bucket in AWS with a profile or keys of one's own.

use eframe::egui::Ui;

use super::fields::Field;
use super::parts::{caption, fact, hint, link, say};
use super::view::Page;
use super::{AccountScreen, Turn, words};
use crate::domain::account::{AccountState, DEFAULT_PREFIX, Place, RemoteSettings, Session};
use crate::protocol::{AccountAsk, NewPlace};
use crate::ui::theme::space;
use crate::ui::widgets::{self, secondary_button};

impl AccountScreen {
    /// Fills the form with what is in use.
    pub(super) fn fill_remote(&mut self, account: &AccountState) {
        let Place::Remote(settings) = &account.place else {
            if self.fields.get(Field::Prefix).is_empty() {
                self.fields.set(Field::Prefix, DEFAULT_PREFIX);
            }
            return;
        };
        self.fields.set(Field::Endpoint, settings.endpoint.as_deref().unwrap_or_default());
        self.fields.set(Field::Region, &settings.region);
        self.fields.set(Field::Bucket, &settings.bucket);
        self.fields.set(Field::Prefix, &settings.prefix);
        self.fields.set(Field::Profile, settings.profile.as_deref().unwrap_or_default());
        self.path_style = settings.path_style;
        self.by_profile = settings.profile.is_some();
    }

    pub(super) fn remote_form(&mut self, ui: &mut Ui, turn: &Turn<'_>) {
        if !self.is_page() {
            say(ui, "A server that speaks S3: one of your own, or one that you rent.");
        }
        self.fields.show(ui, Field::Endpoint, "Server", "https://s3.example.org");
        caption(ui, "Leave it empty for a bucket in AWS with keys or a profile of your own.");
        self.fields.show(ui, Field::Region, "Region", "eu-central-1");
        self.fields.show(ui, Field::Bucket, "Bucket", "photos");
        self.fields.show(ui, Field::Prefix, "Folder in the bucket", DEFAULT_PREFIX);
        ui.checkbox(&mut self.path_style, "Bucket in the path")
            .on_hover_text("https://server/bucket rather than https://bucket.server: most servers other than AWS");
        ui.add_space(space::XS);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            ui.radio_value(&mut self.by_profile, false, "Access key");
            ui.radio_value(&mut self.by_profile, true, "Profile of the AWS tools");
        });
        if self.by_profile {
            self.fields.show(ui, Field::Profile, "Profile", "default");
            caption(ui, "As it is named in the files of the AWS command line.");
        } else {
            let kept = if keeps_keys(&turn.account().place) { "Kept in the keyring; type to replace" } else { "" };
            self.fields.show(ui, Field::KeyId, "Access key id", kept);
            self.fields.show(ui, Field::SecretKey, "Secret access key", kept);
            caption(ui, "The keys go to this computer's keyring, never to a file.");
        }
        let complete = ![Field::Region, Field::Bucket].iter().any(|field| self.fields.trimmed(*field).is_empty());
        if let (true, Err(error)) = (complete, self.remote_settings().check()) {
            hint(ui, &words::sentence(&error.to_string()));
        }
    }

    /// The server in use.
    pub(super) fn remote_home(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let Place::Remote(settings) = &turn.account().place else { return };
        if let Session::Keyring(problem) = &turn.account().session {
            let (words, hint) = problem.words();
            widgets::problem(ui, &words, hint);
            if secondary_button(ui, "Try again").clicked() {
                turn.ask = Some(AccountAsk::TryAgain);
            }
        }
        fact(ui, "Server", settings.endpoint.as_deref().unwrap_or("AWS"));
        fact(ui, "Region", &settings.region);
        fact(ui, "Bucket", &settings.bucket);
        fact(ui, "Folder", &settings.prefix);
        match &settings.profile {
            Some(profile) => fact(ui, "Profile", profile),
            None => fact(ui, "Keys", "In this computer's keyring"),
        }
        self.connection(ui, turn);
        if link(ui, "Change the settings…") {
            self.go(Page::RemoteForm);
        }
    }

    fn remote_settings(&self) -> RemoteSettings {
        RemoteSettings {
            endpoint: self.fields.optional(Field::Endpoint),
            region: self.fields.trimmed(Field::Region).to_owned(),
            bucket: self.fields.trimmed(Field::Bucket).to_owned(),
            path_style: self.path_style,
            profile: self.fields.optional(Field::Profile).filter(|_| self.by_profile),
            prefix: self.fields.optional(Field::Prefix).unwrap_or_else(|| DEFAULT_PREFIX.to_owned()),
        }
    }

    /// The first field of the form that lacks something.
    pub(super) fn remote_lacks(&self, account: &AccountState) -> Option<Field> {
        let empty = |field: Field| self.fields.trimmed(field).is_empty();
        let untouched = empty(Field::KeyId) && empty(Field::SecretKey) && keeps_keys(&account.place);
        let needed: &[Field] = match (self.by_profile, untouched) {
            (true, _) => &[Field::Region, Field::Bucket, Field::Profile],
            (false, true) => &[Field::Region, Field::Bucket],
            (false, false) => &[Field::Region, Field::Bucket, Field::KeyId, Field::SecretKey],
        };
        let lacking = needed.iter().copied().find(|field| empty(*field));
        lacking.or_else(|| self.remote_settings().check().is_err().then_some(Field::Endpoint))
    }

    pub(super) fn remote_ask(&mut self) -> AccountAsk {
        let settings = self.remote_settings();
        let typed = !self.by_profile && !self.fields.trimmed(Field::KeyId).is_empty();
        let keys = typed.then(|| {
            // Pasted keys bring a space or a line break along.
            let secret = self.fields.trimmed(Field::SecretKey).into();
            (self.fields.trimmed(Field::KeyId).into(), secret)
        });
        AccountAsk::Use(NewPlace::Remote { settings, keys })
    }
}

/// Whether keys lie in the keyring already.
fn keeps_keys(place: &Place) -> bool {
    matches!(place, Place::Remote(settings) if settings.profile.is_none())
}
