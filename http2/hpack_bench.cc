// HPACK on the header sequences that gRPC and browsers send, ours beside libnghttp2's.
//
//   bazel run --config=opt //http2:hpack_bench -- --benchmark_filter=Decode
//
// Sequences (client requests unless said otherwise; a block per call):
//   steady     a Go client without deadlines: all fields by index
//   deadline   a Go client with deadlines: a new grpc-timeout in almost every call, table full
//   h2load     nghttp2's encoder: `:path` and content-length as literals every time
//   literals   first-time values in every call: path, request id and trace, Huffman, all inserted
//   browser    pages with changing paths, cookies and referers
//   connection the first call on a new connection, the decoder's (encoder's) construction included
#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "benchmark/benchmark.h"

#include "penstock/http2/hpack_decoder.h"
#include "penstock/http2/hpack_encoder.h"
#include "penstock/http2/hpack_huffman.h"
#include "penstock/http2/hpack_testing.h"

namespace penstock::http2 {
namespace {

using testing::EncodeBlock;
using testing::Field;
using testing::Fields;
using testing::Octets;

constexpr size_t kCalls = 2048;

std::string RandomText(std::mt19937& random, size_t bytes, std::string_view alphabet) {
  std::string text(bytes, ' ');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

Fields GrpcCall() {
  return {{":method", "POST"},
          {":scheme", "http"},
          {":path", "/helloworld.Greeter/SayHello"},
          {":authority", "127.0.0.1:50051"},
          {"content-type", "application/grpc"},
          {"user-agent", "grpc-go/1.65.0"},
          {"te", "trailers"}};
}

std::vector<Fields> Calls(std::string_view sequence) {
  std::mt19937 random(42);
  std::vector<Fields> calls;
  for (size_t i = 0; i < kCalls; ++i) {
    Fields call = GrpcCall();
    if (sequence == "steady" || sequence == "connection") {
      call.push_back({"grpc-accept-encoding", "gzip"});
    } else if (sequence == "deadline") {
      call.push_back({"grpc-timeout", std::to_string(19990000 + random() % 10000) + "u"});
    } else if (sequence == "h2load") {
      call[2].policy = IndexingPolicy::kNoIndex;
      call[5].value = "h2load nghttp2/1.52.0";
      call.push_back({"content-length", "17", IndexingPolicy::kNoIndex});
    } else if (sequence == "literals") {
      call[2].value = "/pack.Service/" + RandomText(random, 12, "abcdefghijklmnoprstuvwXYZ");
      call.push_back({"x-request-id", RandomText(random, 36, "0123456789abcdef-")});
      call.push_back({"traceparent", "00-" + RandomText(random, 32, "0123456789abcdef") + "-01"});
    } else {  // browser
      const std::string page = "/articles/" + RandomText(random, 10, "abcdefghijklmnoprstuvw-");
      call = {{":method", "GET"},
              {":scheme", "https"},
              {":authority", "www.example.com"},
              {":path", page, IndexingPolicy::kNoIndex},
              {"user-agent", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0"},
              {"accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"},
              {"accept-language", "en-GB,en;q=0.5"},
              {"accept-encoding", "gzip, deflate, br, zstd"},
              {"cookie", "session=8f14e45fceea167a5a36dedd4bea2543; theme=dark"},
              {"referer", "https://www.example.com" + page}};
    }
    calls.push_back(std::move(call));
  }
  return calls;
}

// The blocks of a sequence behind each other, as they lie in a receive buffer.
class Blocks {
 public:
  explicit Blocks(std::string_view sequence) {
    HpackEncoder encoder;
    for (const Fields& call : Calls(sequence)) {
      const Octets block = EncodeBlock(encoder, call);
      ends_.push_back(static_cast<uint32_t>(octets_.size() + block.size()));
      octets_.insert(octets_.end(), block.begin(), block.end());
    }
  }
  wire::Bytes operator[](size_t call) const {
    const uint32_t begin = call == 0 ? 0 : ends_[call - 1];
    return {octets_.data() + begin, ends_[call] - begin};
  }

 private:
  Octets octets_;
  std::vector<uint32_t> ends_;
};

// One decoder (encoder) works through the sequence and is made anew when it begins again, which is
// once in kCalls blocks; the sequence "connection" has only its first block.
size_t CallsPerConnection(std::string_view sequence) {
  return sequence == "connection" ? 1 : kCalls;
}

uint64_t NoMeaning(void*, FieldName, std::string_view, std::string_view) { return 1; }

struct OursDecoder {
  HpackDecoder decoder{4096, FieldClassifier{&NoMeaning, nullptr}};

  size_t Decode(wire::Bytes block) {
    static FieldList fields;
    if (decoder.Decode(block, fields, HeaderLimits{}) != HpackError::kOk) std::abort();
    size_t bytes = 0;  // each field is looked at, as by whoever dispatches it
    for (const HeaderField& field : fields) bytes += field.value.size() + field.meaning;
    benchmark::DoNotOptimize(bytes);
    return fields.size();
  }
};

struct Nghttp2Decoder {
  Nghttp2Decoder() {
    if (nghttp2_hd_inflate_new(&inflater) != 0) std::abort();
  }
  ~Nghttp2Decoder() { nghttp2_hd_inflate_del(inflater); }
  Nghttp2Decoder(const Nghttp2Decoder&) = delete;
  Nghttp2Decoder& operator=(const Nghttp2Decoder&) = delete;

  size_t Decode(wire::Bytes block) {
    const uint8_t* at = block.data();
    size_t left = block.size();
    size_t count = 0;
    size_t bytes = 0;
    for (;;) {
      nghttp2_nv pair;
      int flags = 0;
      const ssize_t read = nghttp2_hd_inflate_hd2(inflater, &pair, &flags, at, left, 1);
      if (read < 0) std::abort();
      at += read;
      left -= static_cast<size_t>(read);
      if (flags & NGHTTP2_HD_INFLATE_EMIT) {
        ++count;
        bytes += pair.valuelen;
      }
      if (flags & NGHTTP2_HD_INFLATE_FINAL) break;
    }
    nghttp2_hd_inflate_end_headers(inflater);
    benchmark::DoNotOptimize(bytes);
    return count;
  }

  nghttp2_hd_inflater* inflater;
};

template <typename Decoder>
void Decode(benchmark::State& state, const char* sequence) {
  const Blocks blocks(sequence);
  const size_t calls = CallsPerConnection(sequence);
  auto decoder = std::make_unique<Decoder>();
  size_t call = 0;
  size_t fields = 0;
  for (auto _ : state) {
    if (call == calls) {
      decoder = std::make_unique<Decoder>();
      call = 0;
    }
    fields += decoder->Decode(blocks[call++]);
  }
  state.counters["field"] = benchmark::Counter(
      static_cast<double>(fields), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

struct OursEncoder {
  HpackEncoder encoder;

  size_t Encode(const Fields& fields, Octets& out) {
    uint8_t* at = encoder.BeginBlock(out.data());
    for (const Field& field : fields)
      at = encoder.Encode(at, field.name, field.value, field.policy);
    return static_cast<size_t>(at - out.data());
  }
};

struct Nghttp2Encoder {
  Nghttp2Encoder() {
    if (nghttp2_hd_deflate_new(&deflater, 4096) != 0) std::abort();
  }
  ~Nghttp2Encoder() { nghttp2_hd_deflate_del(deflater); }
  Nghttp2Encoder(const Nghttp2Encoder&) = delete;
  Nghttp2Encoder& operator=(const Nghttp2Encoder&) = delete;

  size_t Encode(const Fields& fields, Octets& out) {
    nghttp2_nv pairs[16];
    size_t count = 0;
    for (const Field& field : fields) {
      pairs[count++] = {reinterpret_cast<uint8_t*>(const_cast<char*>(field.name.data())),
                        reinterpret_cast<uint8_t*>(const_cast<char*>(field.value.data())),
                        field.name.size(), field.value.size(), NGHTTP2_NV_FLAG_NONE};
    }
    const ssize_t bytes = nghttp2_hd_deflate_hd(deflater, out.data(), out.size(), pairs, count);
    if (bytes < 0) std::abort();
    return static_cast<size_t>(bytes);
  }

  nghttp2_hd_deflater* deflater;
};

template <typename Encoder>
void Encode(benchmark::State& state, const char* sequence) {
  const std::vector<Fields> calls = Calls(sequence);
  const size_t calls_per_connection = CallsPerConnection(sequence);
  auto encoder = std::make_unique<Encoder>();
  Octets out(4096);
  size_t call = 0;
  size_t bytes = 0;
  size_t blocks = 0;
  for (auto _ : state) {
    if (call == calls_per_connection) {
      encoder = std::make_unique<Encoder>();
      call = 0;
    }
    bytes += encoder->Encode(calls[call++], out);
    ++blocks;
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(blocks);
}

// A response's head and trailers as a server encodes them when it keeps no bytes.
template <typename Encoder>
void EncodeResponse(benchmark::State& state) {
  const Fields head = {{":status", "200"}, {"content-type", "application/grpc"}};
  const Fields trailers = {{"grpc-status", "0"}};
  Encoder encoder;
  Octets out(4096);
  for (auto _ : state) {
    benchmark::DoNotOptimize(encoder.Encode(head, out));
    benchmark::DoNotOptimize(encoder.Encode(trailers, out));
    benchmark::ClobberMemory();
  }
}

void HuffmanDecoding(benchmark::State& state, const char* text) {
  Octets encoded(HuffmanEncodedBytes(text));
  HuffmanEncode(encoded.data(), text);
  std::string out(HuffmanDecodeRoom(encoded.size()), ' ');
  for (auto _ : state) {
    char* end;
    benchmark::DoNotOptimize(HuffmanDecode(encoded, out.data(), end));
    benchmark::DoNotOptimize(end);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(std::string_view(text).size()));
}

void HuffmanEncoding(benchmark::State& state, const char* text) {
  Octets out(256);
  for (auto _ : state) {
    benchmark::DoNotOptimize(HuffmanEncodedBytes(text));
    benchmark::DoNotOptimize(HuffmanEncode(out.data(), text));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(std::string_view(text).size()));
}

// Ours and libnghttp2's stand beside each other in the output.
const bool registered = [] {
  for (const char* sequence :
       {"steady", "deadline", "h2load", "literals", "browser", "connection"}) {
    const std::string name = sequence;
    const auto add = [&](const std::string& what, auto* bench) {
      benchmark::RegisterBenchmark((what + '/' + name).c_str(), bench, sequence);
    };
    add("Decode/ours", &Decode<OursDecoder>);
    add("Decode/nghttp2", &Decode<Nghttp2Decoder>);
    add("Encode/ours", &Encode<OursEncoder>);
    add("Encode/nghttp2", &Encode<Nghttp2Encoder>);
  }
  benchmark::RegisterBenchmark("Encode/ours/response", &EncodeResponse<OursEncoder>);
  benchmark::RegisterBenchmark("Encode/nghttp2/response", &EncodeResponse<Nghttp2Encoder>);
  return true;
}();

constexpr const char* kTimeout = "19999871u";
constexpr const char* kPath = "/helloworld.Greeter/SayHello";
constexpr const char* kUserAgent =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 and then some";
BENCHMARK_CAPTURE(HuffmanDecoding, timeout, kTimeout);
BENCHMARK_CAPTURE(HuffmanDecoding, path, kPath);
BENCHMARK_CAPTURE(HuffmanDecoding, user_agent, kUserAgent);
BENCHMARK_CAPTURE(HuffmanEncoding, timeout, kTimeout);
BENCHMARK_CAPTURE(HuffmanEncoding, path, kPath);
BENCHMARK_CAPTURE(HuffmanEncoding, user_agent, kUserAgent);

}  // namespace
}  // namespace penstock::http2
