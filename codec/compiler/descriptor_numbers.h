// Field numbers of descriptor.proto's messages: paths of source locations and the wire format of
// descriptors are made of them.
//
// Spec: google/protobuf/descriptor.proto.
#ifndef PENSTOCK_CODEC_COMPILER_DESCRIPTOR_NUMBERS_H_
#define PENSTOCK_CODEC_COMPILER_DESCRIPTOR_NUMBERS_H_

#include <cstdint>

namespace penstock::codec::compiler::number {

// FileDescriptorProto
inline constexpr int32_t kFileName = 1;
inline constexpr int32_t kFilePackage = 2;
inline constexpr int32_t kFileDependency = 3;
inline constexpr int32_t kFileMessage = 4;
inline constexpr int32_t kFileEnum = 5;
inline constexpr int32_t kFileService = 6;
inline constexpr int32_t kFileExtension = 7;
inline constexpr int32_t kFileOptions = 8;
inline constexpr int32_t kFileSourceCodeInfo = 9;
inline constexpr int32_t kFilePublicDependency = 10;
inline constexpr int32_t kFileWeakDependency = 11;
inline constexpr int32_t kFileSyntax = 12;
inline constexpr int32_t kFileEdition = 14;

// DescriptorProto
inline constexpr int32_t kMessageName = 1;
inline constexpr int32_t kMessageField = 2;
inline constexpr int32_t kMessageMessage = 3;
inline constexpr int32_t kMessageEnum = 4;
inline constexpr int32_t kMessageExtensionRange = 5;
inline constexpr int32_t kMessageExtension = 6;
inline constexpr int32_t kMessageOptions = 7;
inline constexpr int32_t kMessageOneof = 8;
inline constexpr int32_t kMessageReservedRange = 9;
inline constexpr int32_t kMessageReservedName = 10;

// ExtensionRange, ReservedRange and EnumReservedRange
inline constexpr int32_t kRangeStart = 1;
inline constexpr int32_t kRangeEnd = 2;
inline constexpr int32_t kExtensionRangeOptions = 3;

// FieldDescriptorProto
inline constexpr int32_t kFieldName = 1;
inline constexpr int32_t kFieldExtendee = 2;
inline constexpr int32_t kFieldNumber = 3;
inline constexpr int32_t kFieldLabel = 4;
inline constexpr int32_t kFieldType = 5;
inline constexpr int32_t kFieldTypeName = 6;
inline constexpr int32_t kFieldDefaultValue = 7;
inline constexpr int32_t kFieldOptions = 8;
inline constexpr int32_t kFieldOneofIndex = 9;
inline constexpr int32_t kFieldJsonName = 10;
inline constexpr int32_t kFieldProto3Optional = 17;

// OneofDescriptorProto
inline constexpr int32_t kOneofName = 1;
inline constexpr int32_t kOneofOptions = 2;

// EnumDescriptorProto and EnumValueDescriptorProto
inline constexpr int32_t kEnumName = 1;
inline constexpr int32_t kEnumValue = 2;
inline constexpr int32_t kEnumOptions = 3;
inline constexpr int32_t kEnumReservedRange = 4;
inline constexpr int32_t kEnumReservedName = 5;
inline constexpr int32_t kEnumValueName = 1;
inline constexpr int32_t kEnumValueNumber = 2;
inline constexpr int32_t kEnumValueOptions = 3;

// ServiceDescriptorProto and MethodDescriptorProto
inline constexpr int32_t kServiceName = 1;
inline constexpr int32_t kServiceMethod = 2;
inline constexpr int32_t kServiceOptions = 3;
inline constexpr int32_t kMethodName = 1;
inline constexpr int32_t kMethodInputType = 2;
inline constexpr int32_t kMethodOutputType = 3;
inline constexpr int32_t kMethodOptions = 4;
inline constexpr int32_t kMethodClientStreaming = 5;
inline constexpr int32_t kMethodServerStreaming = 6;

// SourceCodeInfo and its Location
inline constexpr int32_t kSourceLocation = 1;
inline constexpr int32_t kLocationPath = 1;
inline constexpr int32_t kLocationSpan = 2;
inline constexpr int32_t kLocationLeading = 3;
inline constexpr int32_t kLocationTrailing = 4;
inline constexpr int32_t kLocationDetached = 6;

}  // namespace penstock::codec::compiler::number

#endif  // PENSTOCK_CODEC_COMPILER_DESCRIPTOR_NUMBERS_H_
