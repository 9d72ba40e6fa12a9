// SymbolTable: every full name of the files at hand, and what a name in a .proto means where it
// stands.
//
// Spec: protobuf.dev, "Packages and Name Resolution"; where it leaves room, as protoc resolves.
#ifndef PENSTOCK_CODEC_COMPILER_SYMBOL_TABLE_H_
#define PENSTOCK_CODEC_COMPILER_SYMBOL_TABLE_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/codec/compiler/descriptor.h"
#include "penstock/codec/compiler/diagnostics.h"

namespace penstock::codec::compiler {

// What a full name stands for: one of the pointers, or what `kind` says.
struct Symbol {
  const FileDescriptor* file;
  const MessageDescriptor* message = nullptr;
  const EnumDescriptor* enumeration = nullptr;
  const FieldDescriptor* extension = nullptr;
  std::string_view kind;  // "message", "package"...
  Location location;

  bool is_type() const { return message != nullptr || enumeration != nullptr; }
};

// "an enum", "a message"
std::string WithArticle(std::string_view kind);

class SymbolTable {
 public:
  enum class Wanted { kType, kAny };

  explicit SymbolTable(Diagnostics* diagnostics) : diagnostics_(diagnostics) {}

  // Everything in the file; a name that is taken is reported.
  void DeclareFile(const FileDescriptor& file);
  // The way back, for the file that was declared last.
  void Forget(const FileDescriptor& file);

  const Symbol* Find(std::string_view full_name) const;

  // What `name` means inside `scope` of `file`, innermost first; a leading dot makes it full. Null
  // when it means nothing, or something in a file that this one does not import.
  const Symbol* Lookup(const FileDescriptor& file, std::string_view scope, std::string_view name,
                       Wanted wanted) const;

  // Lookup of a type, which reports when there is none: where it is, or what may have been meant.
  const Symbol* Resolve(const FileDescriptor& file, std::string_view scope, std::string_view name,
                        Location location) const;

  // The end of an error about a name that means nothing: where it is defined, or the nearest name.
  std::string Explain(const FileDescriptor& file, std::string_view scope,
                      std::string_view name) const;

  // Whether a name in `from` was found to mean something in `file`.
  bool IsUsed(const FileDescriptor& from, const FileDescriptor& file) const {
    return used_.contains({&from, &file});
  }

  bool IsVisible(const FileDescriptor& from, const FileDescriptor& file) const;

 private:
  void Declare(const std::string& full_name, Symbol symbol);
  void DeclarePackage(const FileDescriptor& file);
  void DeclareMessage(const FileDescriptor& file, const MessageDescriptor& message);
  void DeclareEnum(const FileDescriptor& file, const EnumDescriptor& enumeration);
  void DeclareExtension(const FileDescriptor& file, const FieldDescriptor& extension);
  const Symbol* FindVisible(const FileDescriptor& from, std::string_view full_name) const;
  const std::set<const FileDescriptor*>& VisibleFrom(const FileDescriptor& file) const;

  Diagnostics* const diagnostics_;
  std::map<std::string, Symbol, std::less<>> symbols_;
  // Found out once per file, when its imports are loaded.
  mutable std::map<const FileDescriptor*, std::set<const FileDescriptor*>> visible_;
  mutable std::set<std::pair<const FileDescriptor*, const FileDescriptor*>> used_;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_SYMBOL_TABLE_H_
