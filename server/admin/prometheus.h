// PrometheusText: metrics in the text that Prometheus scrapes.
//
//     PrometheusText text;
//     text.Begin("grpc_server_started_total", "counter", "RPCs started on the server.");
//     text.Add("grpc_server_started_total", {{"grpc_method", "SayHello"}}, uint64_t{12});
//     text.text()
//
// Spec: prometheus.io/docs/instrumenting/exposition_formats, "Text-based format", version 0.0.4
#ifndef PENSTOCK_SERVER_ADMIN_PROMETHEUS_H_
#define PENSTOCK_SERVER_ADMIN_PROMETHEUS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/wire/histogram.h"

namespace penstock::server {

class PrometheusText {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  using Labels = std::vector<std::pair<std::string_view, std::string>>;

  // All samples of a name follow its Begin().
  void Begin(std::string_view name, std::string_view type, std::string_view help);

  void Add(std::string_view name, const Labels& labels, uint64_t value);
  void Add(std::string_view name, const Labels& labels, double value);
  // In seconds; every fourth bound, from 1.024 us on.
  void Add(std::string_view name, const Labels& labels, const wire::DurationHistogram& histogram);
  // In octets: 15, 63, 255, ... 16 MiB less one.
  void Add(std::string_view name, const Labels& labels, const wire::SizeHistogram& histogram);

  const std::string& text() const { return text_; }

 private:
  void AddName(std::string_view name, std::string_view suffix, const Labels& labels,
               std::string_view le = {});
  void AddValue(std::string_view value);

  std::string text_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_PROMETHEUS_H_
