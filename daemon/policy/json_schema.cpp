#include "policy/json_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policy/schema_value.hpp"

namespace trainstop::policy {

namespace {

// In the order of Section.
constexpr std::array<std::string_view, 27> kDefinitions{
    "none",      "root",      "rules_file", "account",   "secret",    "poll",          "stop",
    "billing",   "journal",   "safety",     "max_stops", "exemption", "freeze",        "control",
    "log",       "heartbeat", "sink",       "rule",      "budget",    "group_pattern", "shed",
    "extension", "defaults",  "selector",   "condition", "in_status", "schedule"};
static_assert(kDefinitions.size() == static_cast<std::size_t>(Section::schedule) + 1);

std::string required(std::string_view name) {
  return json_object({{"required", json_array({json_quote(name)})}});
}

/// Exactly one of two keys.
std::string either(std::string_view one, std::string_view other) {
  return json_array({required(one), required(other)});
}

/// At least one key that says which jobs are meant.
std::string any_selector_key() {
  std::vector<std::string> each;
  for (const KeySpec* key : keys_of(Section::selector)) each.push_back(required(key->name));
  return json_array(each);
}

/// A rule that only warns has nothing to say of stops.
JsonMembers rule_members() {
  const std::string warns = json_object(
      {{"properties", json_object({{"action", json_object({{"const", json_quote("warn")}})}})},
       {"required", json_array({json_quote("action")})}});
  const std::string without =
      json_object({{"properties", json_object({{"max_stops", "false"},
                                               {"shed", "false"},
                                               {"landing", "false"},
                                               {"through_freeze", "false"}})}});
  return {{"oneOf", either("when", "budget")},
          {"dependencies", json_object({{"shed", json_array({json_quote("budget")})}})},
          {"if", warns},
          {"then", without}};
}

/// What keys of one map ask of each other.
JsonMembers together(Section section) {
  switch (section) {
    case Section::secret:
      return {{"minProperties", "1"}, {"maxProperties", "1"}};
    case Section::selector:
    case Section::condition:
    case Section::extension:
      return {{"minProperties", "1"}};
    case Section::exemption:
      return {{"anyOf", any_selector_key()}};
    case Section::sink: {
      const std::string url = json_array({json_quote("url")});
      return {{"oneOf", either("url", "exec")},
              {"dependencies", json_object({{"format", url}, {"hmac", url}})}};
    }
    case Section::rule:
      return rule_members();
    case Section::schedule:
      return {{"oneOf", either("during", "outside")}};
    default:
      return {};
  }
}

/// The members of a section's schema, each on its own line.
std::string section_members(Section section, std::string_view indent) {
  const auto keys = keys_of(section);
  // A file of rules.d may be empty.
  JsonMembers members{{"type", section == Section::rules_file
                                   ? json_array({json_quote("object"), json_quote("null")})
                                   : json_quote("object")}};
  std::vector<std::string> needed;
  for (const KeySpec* key : keys) {
    if (key->need == Need::required) needed.push_back(json_quote(key->name));
  }
  if (!needed.empty()) members.emplace_back("required", json_array(needed));
  for (auto& member : together(section)) members.push_back(std::move(member));
  members.emplace_back("additionalProperties", "false");
  std::vector<std::string> properties;
  for (const KeySpec* key : keys) {
    properties.push_back(fmt::format("{}  {}: {}", indent, json_quote(key->name),
                                     value_schema(*key, section == Section::defaults)));
  }
  members.emplace_back("properties",
                       fmt::format("{{\n{}\n{}}}", fmt::join(properties, ",\n"), indent));
  std::vector<std::string> lines;
  for (const auto& [name, value] : members)
    lines.push_back(fmt::format("{}{}: {}", indent, json_quote(name), value));
  return fmt::format("{}", fmt::join(lines, ",\n"));
}

/// The sections that may occur below one, each once.
void gather(Section section, std::vector<Section>& found) {
  for (const KeySpec* key : keys_of(section)) {
    if (key->child == Section::none) continue;
    if (std::find(found.begin(), found.end(), key->child) != found.end()) continue;
    found.push_back(key->child);
    gather(key->child, found);
  }
}

}  // namespace

std::string_view definition_of(Section section) {
  return kDefinitions[static_cast<std::size_t>(section)];
}

std::string json_schema(Section file) {
  std::vector<Section> sections;
  gather(file, sections);
  std::sort(sections.begin(), sections.end());
  std::vector<std::string> definitions;
  for (const Section section : sections) {
    definitions.push_back(fmt::format("    {}: {{\n{}\n    }}", json_quote(definition_of(section)),
                                      section_members(section, "      ")));
  }
  const std::string_view title = file == Section::root
                                     ? "The configuration of trainstop"
                                     : "A file of rules.d beside the configuration of trainstop";
  return fmt::format(
      "{{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n  \"title\": {},\n{},\n"
      "  \"definitions\": {{\n{}\n  }}\n}}\n",
      json_quote(title), section_members(file, "  "), fmt::join(definitions, ",\n"));
}

}  // namespace trainstop::policy
