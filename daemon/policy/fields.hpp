// One map of the configuration, read by the table of keys: what is unknown, missing, not supported
// or of a wrong type is told; what is left is typed values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policy/keys.hpp"
#include "policy/values.hpp"
#include "policy/yaml_tree.hpp"

namespace trainstop::policy {

/// A named list of values, and whether a selector has asked for it.
struct NamedList {
  Mark mark;
  std::vector<std::string> values;
  bool used = false;
};

/// What the readers of all sections share.
struct Context {
  Problems& problems;
  const date::time_zone* zone = nullptr;  ///< of instants without an offset and of schedules
  std::map<std::string, NamedList, std::less<>> lists;
  std::vector<std::string> sinks;     ///< names of those under 'notify', also of wrong ones
  std::vector<std::string> accounts;  ///< names of the accounts; of one without a name empty
};

/// `a list`, `a map`, `nothing`, `'text'`: what stands where something else was expected.
std::string found_words(const Node& node);

/// Tells when `node` is not a map.
bool expect_map(Context& context, const Node& node, std::string_view what);

/// The items of a list, or the one value that stands for a list of one. Tells when there is none,
/// or an item without a value.
std::vector<const Node*> items_of(Context& context, const Node& node, std::string_view what);

/// The text of a scalar. Tells when it is none, or empty.
std::optional<std::string> text_of(Context& context, const Node& node, std::string_view what);

/// A glob with closed sets whose ranges run forwards. Tells otherwise.
std::optional<std::string> glob_of(Context& context, const Node& node);

class Fields {
 public:
  /// Tells of everything about the map that the table alone decides.
  Fields(Context& context, Section section, const Node& map);

  const Node& map() const { return map_; }
  bool has(std::string_view name) const { return map_.find(name) != nullptr; }
  /// The value of a key that the table knows; nullptr when it is absent or has no value.
  const Node* find(std::string_view name) const;
  /// Where a key stands, for problems that only several keys together make; the map when absent.
  const Mark& mark(std::string_view name) const;

  /// The value, else the table's default. Empty when there is neither, or what is there is wrong
  /// (which has then been told).
  std::optional<std::string> text(std::string_view name) const;
  std::optional<Duration> duration(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  std::optional<Money> money(std::string_view name) const;
  std::optional<Instant> instant(std::string_view name, Doubled doubled) const;
  std::optional<const date::time_zone*> timezone(std::string_view name) const;
  std::optional<std::vector<Duration>> durations(std::string_view name) const;
  std::optional<std::vector<int>> percents(std::string_view name) const;
  std::optional<std::vector<std::int64_t>> integers(std::string_view name) const;

  /// A choice as the value that stands at its place in the table's range.
  template <class T>
  std::optional<T> choice(std::string_view name, std::initializer_list<T> values) const {
    const auto place = choice_place(name);
    if (!place) return {};
    return *(values.begin() + *place);
  }

 private:
  struct Source {
    const KeySpec& key;
    Node node;
  };
  std::optional<Source> source(std::string_view name) const;
  std::optional<std::ptrdiff_t> choice_place(std::string_view name) const;
  void check_keys() const;

  Context& context_;
  Section section_;
  const Node& map_;
};

}  // namespace trainstop::policy
