//! What goes on by itself while a window is open: counts, the account, the vault, edits, retries, drills.

use std::time::Duration;

use super::parts::Engine;
use super::serve::{Running, store_in};
use super::serve_keep;
use super::stores::VAULT;
use crate::protocol::{Command, Event};

/// Between two looks at edits that are not in the vault yet.
const FLUSH_EVERY: Duration = Duration::from_secs(45);
/// Between two looks whether the vault is there.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Between two announcements of the counts.
const STATE_EVERY: Duration = Duration::from_millis(200);
/// Between two blocks of photos that are put into the index after an update.
const INDEX_PAUSE: Duration = Duration::from_millis(50);
/// The monthly drill, among what runs once at a time.
const DRILL: &str = "drill";

pub(super) async fn announce_state(engine: Engine) {
    loop {
        engine.0.stale.notified().await;
        match engine.library_state().await {
            Ok(state) => engine.0.say.say(Event::Library(state)).await,
            Err(error) => engine.0.say.say(Event::Notice(error)).await,
        }
        tokio::time::sleep(STATE_EVERY).await;
    }
}

/// Fills what newer searches ask for, after an update: a block of photos at a time, with room for others between.
pub(super) async fn index_older(engine: Engine) {
    loop {
        match engine.write(crate::catalog::Writer::index_older).await {
            Ok(true) => tokio::time::sleep(INDEX_PAUSE).await,
            Ok(false) => return,
            Err(error) => {
                // The next start goes on; until then such searches miss older photos.
                tracing::warn!("older photos could not be indexed: {error}");
                return;
            }
        }
    }
}

/// Restores the session in the background, keeps it alive, and tells of it.
pub(super) async fn keep_account(engine: Engine) {
    let account = engine.account().clone();
    let live = async {
        account.restore().await;
        account.keep_alive().await;
    };
    tokio::join!(live, engine.announce_account());
}

/// Stores in the account's bucket as soon as it can be used.
pub(super) async fn follow_account(engine: Engine, running: Running) {
    let usable = || {
        let (engine, running) = (engine.clone(), running.clone());
        tokio::spawn(async move {
            for shown in engine.stores_in_use().await {
                if shown != VAULT && engine.has_to_store_in(shown).await {
                    store_in(&engine, &running, shown, None).await;
                }
            }
        });
    };
    engine.follow_account(usable).await;
}

/// Notices a vault that came or went.
pub(super) async fn watch_vault(engine: Engine) {
    let mut known = None;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let problem = engine.vault_state().await.ok().and_then(|vault| vault.problem);
        if known.as_ref().is_some_and(|before| *before != problem) {
            // Opens it again where it came back.
            let _ = engine.vault_ready().await;
            engine.0.stale.notify_one();
        }
        known = Some(problem);
    }
}

pub(super) async fn flush_now_and_then(engine: Engine) {
    loop {
        tokio::time::sleep(FLUSH_EVERY).await;
        if let Err(error) = engine.flush_edits().await {
            tracing::info!("edits wait for the vault ({error})");
        }
    }
}

/// Writes sidecars soon after edits, where that is wanted.
pub(super) async fn write_sidecars_now_and_then(engine: Engine) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Err(error) = engine.write_due_sidecars().await {
            tracing::info!("sidecars wait ({error})");
        }
    }
}

/// Tries again what waits, store by store, as soon as it has rested; follows the hours of the limit; goes on when a
/// pause ends.
pub(super) async fn retry_now_and_then(engine: Engine, running: Running) {
    let mut paused = engine.keep().paused;
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = engine.0.keep_changed.notified() => {}
        }
        // A sub-command may have changed them beside this window.
        engine.reload_keep().await;
        engine.apply_limit();
        if engine.drill_due().await && !running.is_storing(DRILL) {
            let (engine, running) = (engine.clone(), running.clone());
            let op = running.own_op();
            tokio::spawn(async move {
                let _one = running.storing(DRILL);
                serve_keep::run(&engine, &running, Command::Drill { op }).await;
            });
        }
        let was_paused = std::mem::replace(&mut paused, engine.keep().paused);
        for shown in engine.stores_in_use().await {
            let may = shown == VAULT || !paused;
            let resumed = shown != VAULT && was_paused && !paused;
            if may && !running.is_storing(shown) && (resumed || engine.is_due(shown).await) {
                let (engine, running) = (engine.clone(), running.clone());
                tokio::spawn(async move { store_in(&engine, &running, shown, None).await });
            }
        }
    }
}
