//! The tonic server that penstock is measured against: helloworld.Greeter and what
//! loadtest/streams/benchmark_service.proto has of grpc.testing.BenchmarkService, every option at
//! its default.
//!
//!     ./build OUTPUT && OUTPUT --listen 127.0.0.1:0 --cores 1
//!
//! With one core tokio's current-thread runtime, which saves the work-stealing scheduler's
//! synchronisation; with more the multi-threaded one with a worker for each. Prints
//! `listening on ADDRESS` once calls are accepted, and nothing more.

use std::net::SocketAddr;
use std::pin::Pin;
use std::process::exit;

use tokio::signal::unix::{signal, SignalKind};
use tokio_stream::{Stream, StreamExt};
use tonic::transport::server::TcpIncoming;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

mod helloworld {
    tonic::include_proto!("helloworld");
}
mod testing {
    tonic::include_proto!("grpc.testing");
}

use helloworld::greeter_server::{Greeter, GreeterServer};
use helloworld::{HelloReply, HelloRequest};
use testing::benchmark_service_server::{BenchmarkService, BenchmarkServiceServer};
use testing::{Payload, SimpleRequest, SimpleResponse};

const EXIT_RUNTIME: i32 = 1;
const EXIT_USAGE: i32 = 64;
const TONIC_VERSION: &str = "0.14.9";
const PAYLOAD_BYTES_MAX: i32 = 4 << 20;

struct Hello;

#[tonic::async_trait]
impl Greeter for Hello {
    async fn say_hello(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloReply>, Status> {
        let message = format!("Hello {}", request.into_inner().name);
        Ok(Response::new(HelloReply { message }))
    }
}

struct Benchmark;

/// A payload of zeroes, as long as the request asks for.
fn answer(request: &SimpleRequest) -> Result<SimpleResponse, Status> {
    if !(0..=PAYLOAD_BYTES_MAX).contains(&request.response_size) {
        return Err(Status::invalid_argument(format!(
            "response_size is {}, which is not between 0 and 4 MiB",
            request.response_size
        )));
    }
    let body = vec![0; request.response_size as usize];
    Ok(SimpleResponse { payload: Some(Payload { body }) })
}

#[tonic::async_trait]
impl BenchmarkService for Benchmark {
    type StreamingCallStream = Pin<Box<dyn Stream<Item = Result<SimpleResponse, Status>> + Send>>;

    async fn unary_call(
        &self,
        request: Request<SimpleRequest>,
    ) -> Result<Response<SimpleResponse>, Status> {
        answer(request.get_ref()).map(Response::new)
    }

    async fn streaming_call(
        &self,
        request: Request<Streaming<SimpleRequest>>,
    ) -> Result<Response<Self::StreamingCallStream>, Status> {
        let answers = request.into_inner().map(|request| answer(&request?));
        Ok(Response::new(Box::pin(answers)))
    }
}

fn fail(status: i32, message: &str) -> ! {
    eprintln!("tonic peer: {message}");
    exit(status)
}

struct Options {
    listen: SocketAddr,
    cores: usize,
}

fn parse_arguments() -> Options {
    let mut options = Options { listen: ([127, 0, 0, 1], 50051).into(), cores: 1 };
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        if flag == "--version" {
            println!("{TONIC_VERSION}");
            exit(0);
        }
        let value = arguments.next().unwrap_or_default();
        let taken = match flag.as_str() {
            "--listen" => value.parse().map(|listen| options.listen = listen).is_ok(),
            "--cores" => value.parse().map(|cores| options.cores = cores).is_ok(),
            _ => false,
        };
        if !taken || options.cores == 0 {
            fail(EXIT_USAGE, &format!(
                "'{flag} {value}' is not --listen ADDRESS:PORT, --cores N (1 or more) or --version"));
        }
    }
    options
}

async fn serve(listen: SocketAddr) -> Result<(), Box<dyn std::error::Error>> {
    // As Server::serve() does it.
    let incoming = TcpIncoming::bind(listen)?.with_nodelay(Some(true));
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    println!("listening on {}", incoming.local_addr()?);
    let serving = Server::builder()
        .add_service(GreeterServer::new(Hello))
        .add_service(BenchmarkServiceServer::new(Benchmark))
        .serve_with_incoming(incoming);
    tokio::select! {
        ended = serving => ended?,
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}

fn main() {
    let options = parse_arguments();
    let mut builder = match options.cores {
        1 => tokio::runtime::Builder::new_current_thread(),
        cores => {
            let mut threads = tokio::runtime::Builder::new_multi_thread();
            threads.worker_threads(cores);
            threads
        }
    };
    let runtime = builder.enable_all().build().expect("no threads or no epoll to be had");
    if let Err(error) = runtime.block_on(serve(options.listen)) {
        fail(EXIT_RUNTIME, &format!("cannot serve on {}: {error}", options.listen));
    }
}
