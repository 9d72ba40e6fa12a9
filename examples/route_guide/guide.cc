#include "penstock/examples/route_guide/guide.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <string_view>

namespace routeguide {
namespace {

using penstock::Call;
using penstock::OkStatus;
using penstock::Reader;
using penstock::Status;
using penstock::StatusCode;
using penstock::StatusOr;
using penstock::Task;
using penstock::Try;
using penstock::Writer;

struct Known {
  std::string_view name;
  int32_t latitude;
  int32_t longitude;
};
constexpr Known kKnown[] = {
    {"Lake Itaipu, the penstocks", -254'080'000, -545'890'000},
    {"Grande Dixence, the wall", 460'810'000, 74'040'000},
    {"Cleuson, the surge shaft", 461'230'000, 73'460'000},
    {"Bieudron, the turbines", 461'890'000, 72'440'000},
    {"Hoover Dam, the crest", 360'160'000, -1'147'377'000},
};

std::string_view NameAt(const Point& at) {
  const Known* known = std::find_if(std::begin(kKnown), std::end(kKnown), [&](const Known& each) {
    return each.latitude == at.latitude() && each.longitude == at.longitude();
  });
  return known == std::end(kKnown) ? std::string_view() : known->name;
}

void SetPoint(int32_t latitude, int32_t longitude, Point* point) {
  point->set_latitude(latitude);
  point->set_longitude(longitude);
}

bool IsBetween(int32_t value, int32_t one, int32_t other) {
  return value >= std::min(one, other) && value <= std::max(one, other);
}

struct Passed {
  int32_t latitude;
  int32_t longitude;
};

// On a sphere, in metres (haversine).
double DistanceMetres(const Passed& from, const Passed& to) {
  constexpr double kEarthRadiusMetres = 6'371'000;
  constexpr double kRadians = std::numbers::pi / 180 / 1e7;
  const double from_latitude = from.latitude * kRadians;
  const double to_latitude = to.latitude * kRadians;
  const double half_north = std::sin((to_latitude - from_latitude) / 2);
  const double half_east =
      std::sin((double{1} * to.longitude - from.longitude) * kRadians / 2);
  const double chord = half_north * half_north +
                       std::cos(from_latitude) * std::cos(to_latitude) * half_east * half_east;
  return 2 * kEarthRadiusMetres * std::asin(std::min(1.0, std::sqrt(chord)));
}

}  // namespace

Status Guide::GetFeature(Call&, const Point& at, Feature& feature) {
  feature.set_name(NameAt(at));
  SetPoint(at.latitude(), at.longitude(), feature.mutable_location());
  return OkStatus();
}

Task<Status> Guide::ListFeatures(Call& call, const Rectangle& area, Writer<Feature>& out) {
  Feature feature(&call.arena());
  for (const Known& known : kKnown) {
    if (!IsBetween(known.latitude, area.lo().latitude(), area.hi().latitude()) ||
        !IsBetween(known.longitude, area.lo().longitude(), area.hi().longitude())) {
      continue;
    }
    feature.set_name(known.name);
    SetPoint(known.latitude, known.longitude, feature.mutable_location());
    co_await Try(co_await out.Write(feature));
  }
  co_return OkStatus();
}

Task<StatusOr<RouteSummary>> Guide::RecordRoute(Call& call, Reader<Point>& in) {
  const penstock::TimeNs began_at = call.now();
  int32_t points_count = 0;
  int32_t features_count = 0;
  double distance_metres = 0;
  std::optional<Passed> before;
  while (const Point* point = co_await Try(co_await in.Next())) {
    const Passed here = {point->latitude(), point->longitude()};
    ++points_count;
    if (!NameAt(*point).empty()) ++features_count;
    if (before.has_value()) distance_metres += DistanceMetres(*before, here);
    before = here;
  }
  RouteSummary summary(&call.arena());
  summary.set_point_count(points_count);
  summary.set_feature_count(features_count);
  summary.set_distance(static_cast<int32_t>(std::min(distance_metres, double{INT32_MAX})));
  summary.set_elapsed_time(static_cast<int32_t>((call.now() - began_at) / penstock::kNsPerSecond));
  co_return summary;
}

Task<Status> Guide::RouteChat(Call&, Reader<RouteNote>& in, Writer<RouteNote>& out) {
  RouteNote answer;
  while (const RouteNote* note = co_await Try(co_await in.Next())) {
    if (note->message().size() > kNoteBytesMax) {
      co_return penstock::MakeStatus(StatusCode::kInvalidArgument, "the note is too long");
    }
    SetPoint(note->location().latitude(), note->location().longitude(), answer.mutable_location());
    const std::vector<std::string> earlier = LeaveNote(*note);
    for (const std::string& message : earlier) {
      answer.set_message(message);
      co_await Try(co_await out.Write(answer));
    }
  }
  co_return OkStatus();
}

std::vector<std::string> Guide::LeaveNote(const RouteNote& note) {
  const std::lock_guard lock(mutex_);
  const Place place(note.location().latitude(), note.location().longitude());
  std::vector<std::string> earlier;
  if (const auto found = notes_.find(place); found != notes_.end()) earlier = found->second;
  if (notes_count_ == kNotesMax) return earlier;
  ++notes_count_;
  notes_[place].emplace_back(note.message());
  return earlier;
}

}  // namespace routeguide
