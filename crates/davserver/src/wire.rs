//! HTTP/1.1 on the loopback interface: one thread with all connections. What is said on them is for `exchange`.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::time::Sleep;

use crate::exchange::{self, Answer, Asked, Ending, Reply, Shared};

/// How long bytes that were written get before their connection ends.
const PARTING: Duration = Duration::from_millis(20);
/// The most that one piece of a padded body holds.
const BLANKS: [u8; 16 << 10] = [b' '; 16 << 10];

/// A server at work.
#[derive(Debug)]
pub(crate) struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it: connections are closed, and its port is free.
    pub(crate) fn stop(self) {
        // It fails only where the thread has ended already.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

/// Listens; port 0 is any that is free.
pub(crate) fn start(address: SocketAddr, shared: Arc<Shared>) -> io::Result<Running> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("davserver".to_owned()).spawn(move || {
        runtime.block_on(async move {
            tokio::select! {
                () = accept(listener, shared) => {}
                _ = stopped => {}
            }
        });
    })?;
    Ok(Running { address, stop, thread })
}

async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, shared.clone()));
            }
            // Out of handles, say: others may be freed.
            Err(_) => tokio::time::sleep(PARTING).await,
        }
    }
}

/// What the exchanges of a connection ask of it.
#[derive(Debug, Default)]
struct Parting {
    reset: AtomicBool,
    close: Notify,
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // It fails where the peer has gone already.
    let _ = stream.set_nodelay(true);
    let parting = Arc::new(Parting::default());
    let asked_for = parting.clone();
    let service = service_fn(move |request| respond(request, shared.clone(), asked_for.clone()));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        biased;
        // A client that goes away is no concern of ours.
        _ = &mut connection => {}
        () = parting.close.notified() => {
            // The head is written already, and does not say that this is the last answer.
            Pin::new(&mut connection).graceful_shutdown();
            let _ = (&mut connection).await;
        }
    }
    let stream = connection.into_parts().io.into_inner();
    if parting.reset.load(Ordering::Relaxed) {
        let _ = stream.set_zero_linger();
    }
}

/// Why a connection ends without an answer.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed on purpose")
    }
}

impl std::error::Error for Closed {}

async fn respond(
    request: Request<Incoming>,
    shared: Arc<Shared>,
    parting: Arc<Parting>,
) -> Result<Response<Out>, Closed> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, shared.max_body_size()).collect().await;
    let body = match body {
        Ok(collected) => Some(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => None,
        // What did not arrive whole is not acted upon.
        Err(_) => return Err(Closed),
    };
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let asked = Asked { method: head.method.as_str().to_owned(), target, headers: head.headers, body };
    let unread = asked.body.is_none();
    let Answer { reply, delay, ending, padded_to } = exchange::answer(&shared, &asked);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let Some(reply) = reply else { return Err(Closed) };
    if ending == Ending::ResetInBody {
        parting.reset.store(true, Ordering::Relaxed);
    }
    let closes = unread || ending == Ending::ClosedSilently;
    Ok(response(reply, ending, padded_to, closes.then_some(parting)))
}

fn response(reply: Reply, ending: Ending, padded_to: u64, last: Option<Arc<Parting>>) -> Response<Out> {
    let length = u64::try_from(reply.body.len()).unwrap_or(u64::MAX);
    let padding = padded_to.saturating_sub(length);
    let out = match ending {
        Ending::ResetInBody => {
            let half = reply.body.slice(..reply.body.len() / 2);
            // A promise of at least one byte more than what comes, or there would be no middle.
            Out { left: Some(half), padding: 0, length: length.max(1) + padding, breaks: Breaks::Soon, last }
        }
        _ => Out { left: Some(reply.body), padding, length: length + padding, breaks: Breaks::Never, last },
    };
    let mut response = Response::new(out);
    *response.status_mut() = hyper::StatusCode::from_u16(reply.status).unwrap_or_default();
    for (name, value) in reply.headers {
        if let Ok(value) = hyper::header::HeaderValue::from_str(&value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The body of an answer: some bytes, then blanks, then perhaps the end of the connection.
struct Out {
    left: Option<Bytes>,
    padding: u64,
    /// What is still promised, in bytes.
    length: u64,
    breaks: Breaks,
    /// Where it is the last answer of its connection.
    last: Option<Arc<Parting>>,
}

impl Drop for Out {
    fn drop(&mut self) {
        if let Some(parting) = &self.last {
            parting.close.notify_one();
        }
    }
}

enum Breaks {
    Never,
    /// Once what was written is under way.
    Soon,
    Waiting(Pin<Box<Sleep>>),
}

impl Body for Out {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if let Some(bytes) = self.left.take().filter(|bytes| !bytes.is_empty()) {
            self.length -= u64::try_from(bytes.len()).unwrap_or_default().min(self.length);
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if self.padding > 0 {
            let size = usize::try_from(self.padding).unwrap_or(usize::MAX).min(BLANKS.len());
            let piece = Bytes::copy_from_slice(BLANKS.get(..size).unwrap_or(&BLANKS));
            let size = u64::try_from(size).unwrap_or_default();
            self.padding -= size;
            self.length -= size.min(self.length);
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        if matches!(self.breaks, Breaks::Soon) {
            self.breaks = Breaks::Waiting(Box::pin(tokio::time::sleep(PARTING)));
        }
        match &mut self.breaks {
            Breaks::Waiting(sleep) => match pin!(sleep).poll(context) {
                Poll::Ready(()) => Poll::Ready(Some(Err(Closed))),
                Poll::Pending => Poll::Pending,
            },
            _ => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left.as_ref().is_none_or(Bytes::is_empty)
            && self.padding == 0
            && matches!(self.breaks, Breaks::Never)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
