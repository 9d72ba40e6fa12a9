// SourceTree: where the compiler finds .proto files. On disk under -I roots, or in memory for
// tests; those of well_known_protos.h come from the compiler itself where neither has them.
#ifndef PENSTOCK_CODEC_COMPILER_SOURCE_TREE_H_
#define PENSTOCK_CODEC_COMPILER_SOURCE_TREE_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::codec::compiler {

class SourceTree {
 public:
  virtual ~SourceTree() = default;

  // The text of the file that an import of `path` means, or nothing when there is none.
  virtual std::optional<std::string> Read(std::string_view path) = 0;

  // Paths under which files exist in the folder of `path`, for "did you mean".
  virtual std::vector<std::string> Neighbours(std::string_view path) = 0;

  // What to tell a person whose import of `path` was not found: "add ... to deps".
  virtual std::string MissingHint(std::string_view path) const = 0;
};

// The first root that has the file wins, as with protoc's -I.
class DiskSourceTree final : public SourceTree {
 public:
  // `missing_hint` empty: the roots are named. Not empty: a build system calls, which has targets
  // for the well-known files, too, so they are not found elsewhere.
  DiskSourceTree(std::vector<std::string> roots, std::string missing_hint)
      : roots_(std::move(roots)), missing_hint_(std::move(missing_hint)) {}

  std::optional<std::string> Read(std::string_view path) override;
  std::vector<std::string> Neighbours(std::string_view path) override;
  std::string MissingHint(std::string_view path) const override;

  // "looked in A B"
  std::string RootsHint() const;

  // The import path of a file named on the command line: below a root, or as it is when the file
  // exists under a root by that path, or a well-known one. Nothing when no root holds it.
  std::optional<std::string> ImportPath(const std::string& file) const;

 private:
  std::vector<std::string> roots_;
  std::string missing_hint_;
};

class MemorySourceTree final : public SourceTree {
 public:
  explicit MemorySourceTree(std::map<std::string, std::string, std::less<>> files)
      : files_(std::move(files)) {}

  std::optional<std::string> Read(std::string_view path) override;
  std::vector<std::string> Neighbours(std::string_view path) override;
  std::string MissingHint(std::string_view) const override { return ""; }

 private:
  std::map<std::string, std::string, std::less<>> files_;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_SOURCE_TREE_H_
