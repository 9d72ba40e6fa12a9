#include "penstock/codec/compiler/descriptor_linker.h"

#include "penstock/codec/compiler/checks.h"
#include "penstock/codec/compiler/default_values.h"
#include "penstock/codec/compiler/descriptor_checks.h"
#include "penstock/codec/compiler/features.h"
#include "penstock/codec/compiler/link_field.h"

namespace penstock::codec::compiler {

void DescriptorLinker::Error(const FileDescriptor& file, Location location, std::string message) {
  diagnostics_->AddError(file.path, location, std::move(message));
}

void DescriptorLinker::Link(FileDescriptor* file) {
  symbols_.DeclareFile(*file);
  LinkTypes(file);
  ResolveFeatures(file, diagnostics_);
  ForEachField(file, [&](FieldDescriptor& field) {
    if (!field.written_default.has_value()) return;
    if (!field.repeated() && ParseDefaultText(field.written_default->text, &field)) return;
    Error(*file, field.location, "the default value of \"" + field.name + "\" is none");
  });
  CheckDescriptor(*file, diagnostics_);
  Check(*file);
}

void DescriptorLinker::Forget(const FileDescriptor& file) {
  symbols_.Forget(file);
  std::erase_if(extensions_, [&](const auto& entry) { return entry.second.file == &file; });
}

void DescriptorLinker::LinkTypes(FileDescriptor* file) {
  for (const auto& message : file->messages) LinkMessage(file, message.get());
  for (FieldDescriptor& field : file->extensions) {
    LinkField(symbols_, *file, file->package, &field, diagnostics_);
  }
  for (ServiceDescriptor& service : file->services) {
    for (MethodDescriptor& method : service.methods) {
      method.input = LinkMethodType(*file, service, &method.input_name, method.input_location);
      method.output = LinkMethodType(*file, service, &method.output_name, method.output_location);
    }
  }
}

// Limits: messages nest up to kMessageNestingMax deep.
void DescriptorLinker::LinkMessage(FileDescriptor* file, MessageDescriptor* message) {
  for (const auto& nested : message->messages) LinkMessage(file, nested.get());
  for (FieldDescriptor& field : message->fields) {
    LinkField(symbols_, *file, message->full_name, &field, diagnostics_);
  }
  for (FieldDescriptor& field : message->extensions) {
    LinkField(symbols_, *file, message->full_name, &field, diagnostics_);
  }
}

const MessageDescriptor* DescriptorLinker::LinkMethodType(const FileDescriptor& file,
                                                          const ServiceDescriptor& service,
                                                          std::string* name, Location location) {
  const Symbol* symbol = symbols_.Resolve(file, service.full_name, *name, location);
  if (symbol == nullptr) return nullptr;
  if (symbol->message == nullptr) {
    Error(file, location,
          "\"" + *name + "\" is " + WithArticle(symbol->kind) +
              "; a method takes and returns messages");
    return nullptr;
  }
  *name = symbol->message->full_name;
  return symbol->message;
}

void DescriptorLinker::Check(const FileDescriptor& file) {
  CheckFile(file, diagnostics_);
  for (const auto& enumeration : file.enums) CheckEnum(*enumeration, diagnostics_);
  for (const auto& message : file.messages) CheckMessages(file, *message);
  for (const FieldDescriptor& field : file.extensions) CheckFieldOf(file, nullptr, field);
}

void DescriptorLinker::CheckMessages(const FileDescriptor& file, const MessageDescriptor& message) {
  for (const auto& nested : message.messages) CheckMessages(file, *nested);
  for (const auto& enumeration : message.enums) CheckEnum(*enumeration, diagnostics_);
  for (const FieldDescriptor& field : message.fields) CheckFieldOf(file, &message, field);
  for (const FieldDescriptor& field : message.extensions) CheckFieldOf(file, &message, field);
  CheckMessage(message, diagnostics_);
}

void DescriptorLinker::CheckFieldOf(const FileDescriptor& file, const MessageDescriptor* message,
                                    const FieldDescriptor& field) {
  CheckField(file, message, field, diagnostics_);
  if (field.is_extension) CheckExtensionNumber(file, field);
}

void DescriptorLinker::CheckExtensionNumber(const FileDescriptor& file,
                                            const FieldDescriptor& extension) {
  if (extension.extendee == nullptr) return;
  const auto [other, is_new] = extensions_.emplace(std::pair(extension.extendee, extension.number),
                                                   Extension{&file, &extension});
  if (is_new) return;
  Error(file, extension.number_location,
        "number " + std::to_string(extension.number) + " of \"" + extension.extendee->full_name +
            "\" is already that of \"" + other->second.field->full_name + "\" in " +
            other->second.file->path);
}

const FieldDescriptor* DescriptorLinker::FindExtension(const MessageDescriptor& extendee,
                                                       uint32_t number) const {
  const auto it = extensions_.find({&extendee, number});
  return it == extensions_.end() ? nullptr : it->second.field;
}

}  // namespace penstock::codec::compiler
