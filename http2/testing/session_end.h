// SessionEnd: a Connection whose output is another one's input, with an application above it that
// keeps to the rules of Connection's users and checks what it is told.
//
// Streams, DATA, trailers, resets and credit happen in an order and in sizes that a seed decides;
// each output reaches the other side in pieces of any size. Whatever one application sent on a
// stream, the other receives octet for octet.
#ifndef PENSTOCK_HTTP2_TESTING_SESSION_END_H_
#define PENSTOCK_HTTP2_TESTING_SESSION_END_H_

#include <cstdint>
#include <map>
#include <random>
#include <string>

#include "penstock/http2/connection.h"
#include "penstock/http2/workspace.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::http2::testing {

// One end: a Connection and what its application knows of the streams.
class SessionEnd {
 public:
  SessionEnd(Role role, const Limits& limits, std::mt19937_64* random);
  ~SessionEnd();

  // One thing that an application may do now, chosen at random.
  void ActAtRandom();
  // Ends every stream and returns all credit.
  void Finish();
  // Moves up to `bytes` of the output to `other`; false when there is none.
  bool Deliver(SessionEnd& other, size_t bytes);
  // What this end sent has arrived at `other` as far as streams were not reset.
  void ExpectAllArrived(const SessionEnd& other) const;

  Connection& connection() { return connection_; }
  size_t streams_begun() const { return records_.size(); }

 private:
  // What is known of a stream, for ever.
  struct Record {
    SessionEnd* end = nullptr;
    Stream* stream = nullptr;  // null: we are done with it
    bool local_ended = false;
    bool remote_ended = false;
    bool was_reset = false;
    bool trailers_sent = false;
    bool trailers_received = false;
    bool head_sent = false;
    uint32_t unread_bytes = 0;
    std::string sent;
    std::string received;
  };

  size_t Below(size_t bound) { return (*random_)() % bound; }
  Record* AnyRecord();
  void Open();
  void SendHead(Record& record);
  void SendData(Record& record);
  void SendDataInPlace(Record& record);
  void SendTrailers(Record& record);
  void SendReset(Record& record);
  void ReturnCredit(Record& record, uint32_t bytes);
  // To be called before what ends our half; gives the stream up when both have ended.
  void NoteLocalEnd(Record& record);
  void HearAll();
  void Hear(const Event& event);
  void HearEnd(Record& record);
  void LetGo(Record& record);

  std::mt19937_64* random_;
  const Role role_;
  wire::SlabPool slabs_;
  Workspace workspace_{&slabs_};
  Connection connection_;
  std::map<uint32_t, Record> records_;
  PreparedBlock prepared_;
};

}  // namespace penstock::http2::testing

#endif  // PENSTOCK_HTTP2_TESTING_SESSION_END_H_
