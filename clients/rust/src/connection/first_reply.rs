//! A stream whose first bytes tell whether the other side speaks what is spoken to it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::fault::LatestFault;

/// What a connection runs over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Notes what is wrong with the first reply, and changes nothing.
pub(crate) struct FirstReply {
    stream: Box<dyn Stream>,
    fault: LatestFault,
    /// What it means when the connection ends before a first reply.
    when_closed: &'static str,
    heard: bool,
}

impl FirstReply {
    pub(crate) fn new(
        stream: impl Stream + 'static,
        fault: LatestFault,
        when_closed: &'static str,
    ) -> Self {
        fault.set(None);
        Self {
            stream: Box::new(stream),
            fault,
            when_closed,
            heard: false,
        }
    }

    /// A server that closes at once may be noticed by what can no longer be written.
    fn note<T>(&self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if !self.heard && matches!(written, Poll::Ready(Err(_))) {
            self.fault.set(Some(self.when_closed));
        }
        written
    }
}

/// HTTP/2 begins with a frame of settings, whose length is under 64 KiB.
fn fault_of(first: &[u8]) -> Option<&'static str> {
    match first {
        [0x15 | 0x16, 3, ..] => Some(
            "the server speaks TLS, but was spoken to in clear text: begin the address with https://",
        ),
        [b'H', b'T', b'T', b'P', ..] => Some("the server speaks HTTP/1 there and no gRPC"),
        _ => None,
    }
}

impl AsyncRead for FirstReply {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let (false, Poll::Ready(outcome)) = (self.heard, &result) {
            self.heard = true;
            let first = &buffer.filled()[before..];
            self.fault.set(match outcome {
                Ok(()) if !first.is_empty() => fault_of(first),
                _ => Some(self.when_closed),
            });
        }
        result
    }
}

impl AsyncWrite for FirstReply {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let written = Pin::new(&mut self.stream).poll_flush(context);
        self.note(written)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let written = Pin::new(&mut self.stream).poll_shutdown(context);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
