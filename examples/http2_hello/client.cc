// Fetches a page over cleartext HTTP/2: the body goes to standard output, "HTTP/2 200" or what went
// wrong to standard error.
//
//     bazel run //examples/http2_hello:client -- http://127.0.0.1:8080/
//
// Exit status: 0 a status below 400, 1 no whole response, 2 a status of 400 or above, 64 wrong
// usage.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <string_view>

#include "penstock/examples/http2_hello/fetch.h"
#include "penstock/examples/http2_hello/url.h"

namespace {

using penstock::examples::FetchOptions;
using penstock::examples::FetchResult;
using penstock::examples::Url;

constexpr int kExitFailed = 1;
constexpr int kExitHttpError = 2;
constexpr int kExitUsage = 64;
constexpr double kSecondsMax = 86'400;

penstock::TimeNs NsOf(double seconds) {
  return static_cast<penstock::TimeNs>(seconds * static_cast<double>(penstock::kNsPerSecond));
}

int ReportUsage(const char* program, const std::string& message) {
  std::fprintf(stderr, "%s: %s; run with --help for the flags\n", program, message.c_str());
  return kExitUsage;
}

int Run(const char* program, const Url& url, const FetchOptions& options) {
  const auto print = [](std::string_view piece) {
    std::fwrite(piece.data(), 1, piece.size(), stdout);
  };
  const FetchResult result = Fetch(url, options, print);
  if (result.status != 0) std::fprintf(stderr, "HTTP/2 %d\n", result.status);
  if (!result.error.empty()) {
    std::fprintf(stderr, "%s: cannot fetch http://%s%s: %s\n", program, url.authority.c_str(),
                 url.target.c_str(), result.error.c_str());
    return kExitFailed;
  }
  if (std::fflush(stdout) != 0) {
    std::perror("cannot write to standard output");
    return kExitFailed;
  }
  return result.status < 400 ? 0 : kExitHttpError;
}

}  // namespace

int main(int argc, char** argv) {
  std::string text;
  std::string io = "auto";
  double timeout_s = 10;
  double linger_s = 0;
  FetchOptions options;
  CLI::App app{"Fetches a page over cleartext HTTP/2."};
  app.footer(
      "Exit status: 0 a status below 400; 1 no whole response; 2 a status of 400 or above;\n"
      "64 wrong usage.");
  app.add_option("URL", text, "http://HOST:PORT/PATH")->required();
  app.add_flag("--head", options.head, "HEAD instead of GET: no body");
  app.add_option("--timeout", timeout_s, "longest wait for the whole response, in seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, kSecondsMax))
      ->capture_default_str();
  app.add_option("--linger", linger_s,
                 "keep the connection so long after the response, unless the server closes it")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, kSecondsMax))
      ->capture_default_str();
  app.add_option("--io", io, "how to talk to the kernel: auto, uring or epoll")
      ->type_name("MODE")
      ->check(CLI::IsMember({"auto", "uring", "epoll"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    return ReportUsage(argv[0], error.what());
  }
  std::string why;
  const auto url = penstock::examples::ParseUrl(text, &why);
  if (!url) return ReportUsage(argv[0], "cannot use the URL '" + text + "': " + why);
  options.io = *penstock::reactor::ParseIoMode(io);
  options.timeout_ns = NsOf(timeout_s);
  options.linger_ns = NsOf(linger_s);
  return Run(argv[0], *url, options);
}
