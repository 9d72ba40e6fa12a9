#include "penstock/loadtest/tls_flags.h"

#include <CLI/CLI.hpp>

namespace penstock::loadtest {

void DeclareTlsFlags(CLI::App& app, TlsFlags* flags) {
  const auto add = [&app](const char* name, std::string* value, const char* type,
                          const char* help) {
    app.add_option(name, *value, help)->type_name(type);
  };
  app.add_flag("--tls", flags->tls, "speak TLS; trusted are the system's authorities");
  add("--cacert", &flags->ca, "FILE",
      "TLS: who may have issued the server's certificate, PEM");
  add("--cert", &flags->certificate, "FILE", "TLS: what the server is shown if it asks, PEM");
  add("--key", &flags->key, "FILE", "TLS: the private key of --cert, PEM, without a passphrase");
  add("--servername", &flags->server_name, "NAME",
      "TLS: the name that the certificate must have; the host of TARGET");
  app.add_flag("--insecure-skip-verify", flags->insecure,
               "TLS: take anybody's certificate, for a test: who is on the way can read it all");
}

std::string TakeTlsFlags(const TlsFlags& flags, wire::TlsClientOptions* options) {
  if (flags.certificate.empty() != flags.key.empty()) {
    return flags.key.empty() ? "--cert shows a certificate, which needs its private key: add --key"
                             : "--key is the private key of a certificate: add --cert";
  }
  if (flags.insecure && !flags.ca.empty()) {
    return "--insecure-skip-verify takes any certificate, and --cacert says whose are good; give "
           "one";
  }
  options->enabled = flags.tls || flags.insecure || !flags.ca.empty() ||
                     !flags.certificate.empty() || !flags.server_name.empty();
  options->ca = flags.ca;
  options->own = {flags.certificate, flags.key};
  options->server_name = flags.server_name;
  options->insecure_skip_verification = flags.insecure;
  return "";
}

}  // namespace penstock::loadtest
