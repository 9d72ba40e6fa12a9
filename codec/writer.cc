#include "penstock/codec/writer.h"

namespace penstock::codec {
namespace {

template <typename T, size_t (*SizeOf)(T)>
size_t SumSizes(const RepeatedBase& values) {
  const T* element = static_cast<const T*>(values.raw_data());
  size_t bytes = 0;
  for (size_t i = 0; i < values.size(); ++i) bytes += SizeOf(element[i]);
  return bytes;
}

template <typename T, uint8_t* (*Write)(uint8_t*, T)>
uint8_t* WriteAll(uint8_t* p, const RepeatedBase& values) {
  const T* element = static_cast<const T*>(values.raw_data());
  for (size_t i = 0; i < values.size(); ++i) p = Write(p, element[i]);
  return p;
}

}  // namespace

size_t Writer::SizeOfInt32s(const RepeatedBase& values) {
  return SumSizes<int32_t, SizeOfInt32>(values);
}
size_t Writer::SizeOfInt64s(const RepeatedBase& values) {
  return SumSizes<int64_t, SizeOfInt64>(values);
}
size_t Writer::SizeOfUint32s(const RepeatedBase& values) {
  return SumSizes<uint32_t, SizeOfUint32>(values);
}
size_t Writer::SizeOfSint32s(const RepeatedBase& values) {
  return SumSizes<int32_t, SizeOfSint32>(values);
}
size_t Writer::SizeOfSint64s(const RepeatedBase& values) {
  return SumSizes<int64_t, SizeOfSint64>(values);
}
size_t Writer::SizeOfTexts(const RepeatedString& values) {
  size_t bytes = 0;
  for (std::string_view text : values) bytes += SizeOfLength(text.size());
  return bytes;
}

uint8_t* Writer::Int32s(uint8_t* p, const RepeatedBase& values) {
  return WriteAll<int32_t, Int32>(p, values);
}
uint8_t* Writer::Int64s(uint8_t* p, const RepeatedBase& values) {
  return WriteAll<int64_t, Int64>(p, values);
}
uint8_t* Writer::Uint32s(uint8_t* p, const RepeatedBase& values) {
  return WriteAll<uint32_t, Uint32>(p, values);
}
uint8_t* Writer::Sint32s(uint8_t* p, const RepeatedBase& values) {
  return WriteAll<int32_t, Sint32>(p, values);
}
uint8_t* Writer::Sint64s(uint8_t* p, const RepeatedBase& values) {
  return WriteAll<int64_t, Sint64>(p, values);
}

}  // namespace penstock::codec
