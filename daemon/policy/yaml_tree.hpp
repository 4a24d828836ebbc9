// A YAML file as a tree of text with places. Stricter than YAML: one document, no duplicate keys,
// aliases, anchors, merge keys or tags, bounded in depth and size. What the text means is not known
// here.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/reader.hpp"

namespace trainstop::policy {

/// A place in one of the files of a reading, from 1.
struct Mark {
  std::size_t file = 0;
  int line = 1;
  int column = 1;
  auto operator<=>(const Mark&) const = default;
};

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { missing, scalar, list, map } kind = Kind::missing;
  Mark mark;
  std::string text;     ///< of a scalar, as written
  bool quoted = false;  ///< a scalar in quotes or a block
  bool told = false;    ///< missing because of a problem that has been told
  std::vector<Node> items;
  std::vector<Entry> entries;  ///< of a map, in order; keys are scalars and unique

  /// The value of that key of a map, or nullptr.
  const Node* find(std::string_view key) const;
};

struct Entry {
  Node key;
  Node value;
};

/// The problems of one reading of several files.
class Problems {
 public:
  explicit Problems(std::vector<std::string> files) : files_(std::move(files)) {}

  void error(const Mark& at, std::string message);
  /// An error after which nothing else that is said of the same place is of any use.
  void last_error(const Mark& at, std::string message);
  void warning(const Mark& at, std::string message);
  bool any_error() const { return any_error_; }
  Place place(const Mark& at) const { return {files_.at(at.file), at.line, at.column}; }

  /// All problems in order of file (as read), line and column; the same problem once.
  std::vector<Problem> sorted() const;

 private:
  struct Found {
    Mark at;
    Problem::Severity severity = Problem::Severity::error;
    std::string message;
    auto operator<=>(const Found&) const = default;
  };
  void add(Found found);

  std::vector<std::string> files_;
  std::vector<Found> found_;
  std::set<Mark> settled_;  ///< places of which nothing more is told
  bool any_error_ = false;
};

/// Reads one file's text. A text that is no YAML, or of more than these bounds, is a problem; the
/// tree then holds what could be read before it, so that its other problems can be told as well.
Node read_tree(std::string_view text, std::size_t file, Problems& problems);
inline constexpr std::size_t kMostNodes = 200'000;  // ten thousand rules of twenty values
inline constexpr std::size_t kDeepest = 40;         // conditions nest; nobody reads what is deeper
inline constexpr std::size_t kLargestText = 4U << 20U;  // 4 MiB of rules is a mistake

}  // namespace trainstop::policy
