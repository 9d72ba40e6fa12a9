// Guide: the service of route_guide.proto, which has a method of each kind.
#ifndef PENSTOCK_EXAMPLES_ROUTE_GUIDE_GUIDE_H_
#define PENSTOCK_EXAMPLES_ROUTE_GUIDE_GUIDE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "examples/route_guide/route_guide.server.h"

namespace routeguide {

class Guide final : public RouteGuideHandlers<Guide> {
 public:
  penstock::Status GetFeature(penstock::Call& call, const Point& at, Feature& feature);
  penstock::Task<penstock::Status> ListFeatures(penstock::Call& call, const Rectangle& area,
                                                penstock::Writer<Feature>& out);
  penstock::Task<penstock::StatusOr<RouteSummary>> RecordRoute(penstock::Call& call,
                                                               penstock::Reader<Point>& in);
  penstock::Task<penstock::Status> RouteChat(penstock::Call& call,
                                             penstock::Reader<RouteNote>& in,
                                             penstock::Writer<RouteNote>& out);

 private:
  // What callers say is kept for others: so many notes of so many octets, and no more.
  static constexpr size_t kNotesMax = 1'000;
  static constexpr size_t kNoteBytesMax = 1'000;

  using Place = std::pair<int32_t, int32_t>;

  // Those that were there before.
  std::vector<std::string> LeaveNote(const RouteNote& note);

  std::mutex mutex_;  // all shards leave notes; never held across an await
  size_t notes_count_ = 0;
  std::map<Place, std::vector<std::string>> notes_;
};

}  // namespace routeguide

#endif  // PENSTOCK_EXAMPLES_ROUTE_GUIDE_GUIDE_H_
