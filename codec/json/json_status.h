// JsonStatus: nothing wrong, or one sentence that says what, and where.
//
// Of text that was read: LINE:COLUMN, and the way to the field from the outermost message:
//     3:14: items[2].price: "12x" is no number
// Of a message that was written: the way to the field alone.
#ifndef PENSTOCK_CODEC_JSON_JSON_STATUS_H_
#define PENSTOCK_CODEC_JSON_JSON_STATUS_H_

#include <string>
#include <utility>

namespace penstock::codec::json {

class [[nodiscard]] JsonStatus {
 public:
  JsonStatus() = default;
  explicit JsonStatus(std::string message) : message_(std::move(message)) {}

  bool ok() const { return message_.empty(); }
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_JSON_STATUS_H_
