//! A sync between a folder of files and a collection, over the crate `vstorage`, as its documentation shows it.

use std::pin::pin;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use libdav::dav::WebDavClient;
use tower_http::auth::AddAuthorization;
use vstorage::base::Storage;
use vstorage::caldav::CalDavStorage;
use vstorage::carddav::CardDavStorage;
use vstorage::sync::declare::{StoragePair, SyncedCollection};
use vstorage::sync::execute::Executor;
use vstorage::sync::plan::Plan;
use vstorage::sync::status::StatusDatabase;
use vstorage::vdir::VdirStorage;
use vstorage::{DiscoveryMode, ItemKind};

use crate::{Kind, Result, login};

/// Operations in flight: what the crate's executor has by default.
const AT_ONCE: usize = 4;

/// Brings both in step; the number of operations.
pub fn sync(kind: Kind, home: &str, name: &str, folder: &str, status: &str) -> Result<usize> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(run(kind, home, name, folder, status))
}

async fn run(kind: Kind, home: &str, name: &str, folder: &str, status: &str) -> Result<usize> {
    let (user, password) = login()?;
    let connector = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let client = WebDavClient::new(home.parse()?, AddAuthorization::basic(client, &user, &password));
    let (server, held): (Arc<dyn Storage>, _) = match kind {
        Kind::Events => {
            let storage =
                CalDavStorage::builder(client).with_discovery(DiscoveryMode::Collections).build().await?;
            (Arc::new(storage), ItemKind::Calendar)
        }
        Kind::Contacts => {
            let storage =
                CardDavStorage::builder(client).with_discovery(DiscoveryMode::Collections).build().await?;
            (Arc::new(storage), ItemKind::AddressBook)
        }
    };
    let files: Arc<dyn Storage> = Arc::new(VdirStorage::builder(folder.into())?.build(held));
    let status = Arc::new(StatusDatabase::open_or_create(status)?);
    let pair = StoragePair::new(Arc::clone(&files), Arc::clone(&server))
        .with_mapping(SyncedCollection::direct(name.parse()?));
    let plan = Plan::new(pair, Some(Arc::clone(&status))).await?;
    let executor = Executor::new(files, server, status).with_concurrency(AT_ONCE);
    let executor = &executor;
    let operations = stream::unfold(plan, |mut plan| async { plan.next().await.map(|next| (next, plan)) });
    let mut done = pin!(
        operations
            .map(|operation| async move {
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
                    executor.execute_operation(operation?).await??,
                )
            })
            .buffer_unordered(AT_ONCE)
    );
    let mut count = 0;
    while let Some(outcome) = done.next().await {
        outcome?;
        count += 1;
    }
    Ok(count)
}
