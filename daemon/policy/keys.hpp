// The one table of configuration keys. The reader, its "did you mean", and everything that
// documents the configuration come from it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace trainstop::policy {

/// A kind of map in the configuration.
enum class Section : std::uint8_t {
  none,
  root,
  rules_file,
  account,
  secret,
  poll,
  stop,
  billing,
  journal,
  safety,
  max_stops,
  exemption,
  freeze,
  control,
  log,
  heartbeat,
  sink,
  rule,
  budget,
  group_pattern,
  shed,
  extension,
  defaults,
  selector,
  condition,
  in_status,
  schedule,
};

enum class Type : std::uint8_t {
  text,
  name,
  path,
  url,
  choice,
  integer,
  integers,
  duration,
  durations,
  percents,
  money,
  instant,
  timezone,
  windows,
  statuses,
  selectors,
  group_by,
  globs,
  prices,
  lists,
  file_mode,
  people,
  events,
  command,
  sinks,
  amount,
  section,
  sections,
  unsupported,
};

enum class Need : std::uint8_t { optional, required };

struct KeySpec {
  Section section = Section::none;
  std::string_view name;
  Type type = Type::text;
  Need need = Need::optional;
  /// As the file would say it; empty: absent.
  std::string_view fallback;
  /// `LEAST..MOST` of a duration or number, `a|b|c` of a choice; both bounds are included.
  std::string_view range;
  /// The section of a `section` or of each of `sections`.
  Section child = Section::none;
  std::string_view description;
};

/// All keys, those of one section together.
std::span<const KeySpec> all_keys();

/// The keys a map of that section may hold, in the order of the table. An exemption may hold those
/// of a selector as well; `defaults` all of a rule but a few.
std::vector<const KeySpec*> keys_of(Section section);

/// The key of that name, or nullptr.
const KeySpec* find_key(Section section, std::string_view name);

/// Where a key stands, for messages: `a rule`, `poll`.
std::string_view name_of(Section section);

/// The parts of a range: two of `1s..1h`, any number of `a|b|c`.
std::vector<std::string_view> split_range(std::string_view range);

}  // namespace trainstop::policy
