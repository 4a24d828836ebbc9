#include "policy/schema_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trainstop::policy {

namespace {

// Parts of regular expressions, as JSON Schema has them (ECMA 262).
constexpr std::string_view kNumber = "(0|[1-9][0-9]*)";
constexpr std::string_view kNotZero = "(?=.*[1-9])";
constexpr std::string_view kLine = "^[^\\n]+$";
constexpr std::string_view kWholeNumber = "^(0|[1-9][0-9]*)$";
constexpr std::string_view kName = "^[A-Za-z0-9._-]{1,100}$";
constexpr std::string_view kZone = "^[A-Za-z][A-Za-z0-9_+/-]*$";
constexpr std::string_view kGlob = "^([^\\[\\n]|\\[[!^]?[^\\n][^\\]\\n]*\\])+$";
constexpr std::string_view kSocketMode = "^0[67][0-7]0$";
constexpr std::string_view kPriceKey = "^(spot/)?[A-Za-z0-9._:-]+$";
constexpr std::string_view kAddress = "^[^@\\u0000-\\u0020]+@[^@\\u0000-\\u0020]+$";
// What the reader says of a host has no room in an expression; plain http it takes only to
// loopback.
constexpr std::string_view kUrl =
    "^([Hh][Tt][Tt][Pp][Ss]://[^/?#@ ]+|[Hh][Tt][Tt][Pp]://(127\\.|localhost|\\[|[^/?#@ "
    "]*%)[^/?#@ ]*)(/[^?#]*)?$";
constexpr std::string_view kInstant =
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]"
    "(:([0-5][0-9]|60)(\\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?)?$";
constexpr std::string_view kStatus =
    "^([Tt][Rr][Aa][Ii][Nn][Ii][Nn][Gg]_[Jj][Oo][Bb]_)?([Pp][Ee][Nn][Dd][Ii][Nn][Gg]|"
    "[Cc][Rr][Ee][Aa][Tt][Ee][Dd]|[Qq][Uu][Ee][Uu][Ee][Dd]|[Dd][Ee][Pp][Ll][Oo][Yy][Ii][Nn][Gg]|"
    "[Rr][Uu][Nn][Nn][Ii][Nn][Gg])$";
constexpr std::string_view kDay =
    "([Mm][Oo][Nn]([Dd][Aa][Yy])?|[Tt][Uu][Ee]([Ss][Dd][Aa][Yy])?|[Ww][Ee][Dd]([Nn][Ee][Ss][Dd]"
    "[Aa][Yy])?|[Tt][Hh][Uu]([Rr][Ss][Dd][Aa][Yy])?|[Ff][Rr][Ii]([Dd][Aa][Yy])?|[Ss][Aa][Tt]"
    "([Uu][Rr][Dd][Aa][Yy])?|[Ss][Uu][Nn]([Dd][Aa][Yy])?)";
constexpr std::string_view kTime = "(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)";

constexpr std::size_t kLongestText = 1000;  // the reader's bounds
constexpr std::size_t kMostWarnings = 20;
constexpr std::size_t kMostWords = 100;

/// Keywords of a schema bear on values of one type only, so a value and a list of values fit into
/// one schema, and an editor can say exactly what is wrong.
struct Shape {
  std::vector<std::string_view> types;
  JsonMembers limits;
};

std::string number_of(std::size_t value) {
  return fmt::format("{}", value);
}

JsonMembers members_of(const Shape& shape) {
  std::vector<std::string> types;
  for (const std::string_view type : shape.types) types.push_back(json_quote(type));
  JsonMembers members{{"type", types.size() == 1 ? types.front() : json_array(types)}};
  members.insert(members.end(), shape.limits.begin(), shape.limits.end());
  return members;
}

/// The value, or a list of such values.
Shape or_list(Shape one, const JsonMembers& list_limits) {
  std::string items = json_object(members_of(one));
  one.types.emplace_back("array");
  one.limits.emplace_back("items", std::move(items));
  one.limits.insert(one.limits.end(), list_limits.begin(), list_limits.end());
  return one;
}
Shape or_list(Shape one) {
  return or_list(std::move(one), {{"minItems", "1"}});
}

/// The reader takes every scalar as text, so `name: 12` is a name.
Shape text_shape(std::string_view pattern) {
  return {{"string", "number", "boolean"},
          {{"maxLength", number_of(kLongestText)}, {"pattern", json_quote(pattern)}}};
}

Shape word_shape(std::string_view pattern) {
  return {{"string"}, {{"pattern", json_quote(pattern)}}};
}

std::string duration_pattern() {
  std::string pattern;
  for (const std::string_view unit : {"w", "d", "h", "m", "s", "ms"})
    pattern += fmt::format("({}{})?", kNumber, unit);
  return pattern;
}

std::string money_pattern() {
  const std::string amount = fmt::format("{}(\\.[0-9]{{1,9}})?", kNumber);
  return fmt::format("(\\$?{}|{} *USD)", amount, amount);
}

/// Whether a range leaves out nothing: such a duration or amount would have no effect.
bool takes_zero(const KeySpec& key) {
  const auto bounds = split_range(key.range);
  return bounds.size() == 2 && bounds[0].starts_with('0');
}

Shape duration_shape(const KeySpec& key) {
  return word_shape(
      fmt::format("^{}{}$", takes_zero(key) ? "(?=.)" : kNotZero, duration_pattern()));
}

Shape money_shape() {
  return {{"string", "number"},
          {{"exclusiveMinimum", "0"},
           {"pattern", json_quote(fmt::format("^{}{}$", kNotZero, money_pattern()))}}};
}

Shape amount_shape() {
  return {{"string", "number"},
          {{"exclusiveMinimum", "0"},
           {"pattern", json_quote(fmt::format("^{}({}|{})$", kNotZero, money_pattern(),
                                              duration_pattern()))}}};
}

Shape integer_shape(const KeySpec& key) {
  const auto bounds = split_range(key.range);
  return {{"integer", "string"},
          {{"minimum", std::string(bounds[0])},
           {"maximum", std::string(bounds[1])},
           {"pattern", json_quote(kWholeNumber)}}};
}

/// As many digits as the range allows.
Shape percent_shape(const KeySpec& key) {
  const std::size_t digits = split_range(key.range)[1].size() - 1;
  return word_shape(fmt::format("^[1-9][0-9]{{0,{}}}%$", digits - 1));
}

Shape warnings(Shape one) {
  return or_list(std::move(one), {{"maxItems", number_of(kMostWarnings)}, {"uniqueItems", "true"}});
}

Shape window_shape() {
  const std::string days = fmt::format("{0}( *- *{0})?( *, *{0}( *- *{0})?)*", kDay);
  return word_shape(
      fmt::format("^ *({0} *{1} *- *{0} *{1}|({2} *)?{1} *- *{1}|{2}) *$", kDay, kTime, days));
}

/// A glob; in a selector `{list: NAME}` as well.
Shape glob_shape(bool with_lists) {
  Shape shape = text_shape(kGlob);
  if (!with_lists) return shape;
  shape.types.emplace_back("object");
  shape.limits.emplace_back("properties",
                            json_object({{"list", json_object(members_of(text_shape(kLine)))}}));
  shape.limits.emplace_back("required", json_array({json_quote("list")}));
  shape.limits.emplace_back("additionalProperties", "false");
  return shape;
}

Shape map_shape(std::string_view key_pattern, const Shape& value) {
  return {{"object"},
          {{"propertyNames", json_object({{"pattern", json_quote(key_pattern)}})},
           {"additionalProperties", json_object(members_of(value))}}};
}

/// A program and its arguments; the first word is an absolute path.
Shape command_shape() {
  const std::string argument = json_object(members_of(text_shape(kLine)));
  Shape shape = word_shape("^/[^\\n]*$");
  const std::string program = json_object(members_of(shape));
  shape.types.emplace_back("array");
  for (auto& limit : JsonMembers{{"items", json_array({program})},
                                 {"additionalItems", argument},
                                 {"minItems", "1"},
                                 {"maxItems", number_of(kMostWords)}})
    shape.limits.push_back(std::move(limit));
  return shape;
}

std::string reference(Section section) {
  return json_object(
      {{"$ref", json_quote(fmt::format("#/definitions/{}", definition_of(section)))}});
}

JsonMembers map_or_list(Section section) {
  const std::string list = json_object(
      {{"type", json_quote("array")}, {"items", reference(section)}, {"minItems", "1"}});
  return {{"anyOf", json_array({reference(section), list})}};
}

/// Words that YAML reads as something else than text are taken as that, too.
std::vector<std::string> words_of(const KeySpec& key) {
  std::vector<std::string> words;
  for (const std::string_view word : split_range(key.range)) {
    words.push_back(json_quote(word));
    if (word == "true" || word == "false") words.emplace_back(word);
  }
  return words;
}

JsonMembers group_members(const KeySpec& key) {
  std::vector<std::string> words = words_of(key);
  const std::string one = json_object({{"enum", json_array(words)}});
  words.erase(std::find(words.begin(), words.end(), json_quote("all")));
  const std::string several = json_object({{"type", json_quote("array")},
                                           {"items", json_object({{"enum", json_array(words)}})},
                                           {"minItems", "1"},
                                           {"uniqueItems", "true"}});
  const std::string alone = json_object({{"type", json_quote("array")},
                                         {"items", json_object({{"const", json_quote("all")}})},
                                         {"minItems", "1"},
                                         {"maxItems", "1"}});
  return {{"anyOf", json_array({one, several, alone, reference(key.child)})}};
}

JsonMembers members_for(const KeySpec& key) {
  switch (key.type) {
    case Type::text:
    case Type::path:
      return members_of(text_shape(kLine));
    case Type::name:
      return members_of(text_shape(kName));
    case Type::url:
      return members_of(word_shape(kUrl));
    case Type::choice:
      return {{"enum", json_array(words_of(key))}};
    case Type::integer:
      return members_of(integer_shape(key));
    case Type::integers:
      return members_of(or_list(integer_shape(key), {{"minItems", "1"}, {"uniqueItems", "true"}}));
    case Type::duration:
      return members_of(duration_shape(key));
    case Type::durations:
      return members_of(warnings(duration_shape(key)));
    case Type::percents:
      if (key.section == Section::shed)
        return members_of(or_list(percent_shape(key), {{"minItems", "1"}, {"maxItems", "1"}}));
      return members_of(warnings(percent_shape(key)));
    case Type::money:
      return members_of(money_shape());
    case Type::amount:
      return members_of(amount_shape());
    case Type::instant:
      return members_of(word_shape(kInstant));
    case Type::timezone:
      return members_of(word_shape(kZone));
    case Type::windows:
      return members_of(or_list(window_shape()));
    case Type::statuses:
      return members_of(or_list(word_shape(kStatus)));
    case Type::selectors:
      return map_or_list(key.child);
    case Type::group_by:
      return group_members(key);
    case Type::globs:
      return members_of(or_list(glob_shape(true)));
    case Type::prices:
      return members_of(map_shape(
          kPriceKey, word_shape(fmt::format("^{}{} */(h|min)$", kNotZero, money_pattern()))));
    case Type::lists:
      return members_of(map_shape(kLine, or_list(glob_shape(false))));
    case Type::people:
      return members_of(map_shape(kAddress, text_shape(kLine)));
    case Type::file_mode:  // YAML reads 0660 as a number
      return members_of({{"integer", "string"},
                         {{"minimum", "600"},
                          {"maximum", "770"},
                          {"multipleOf", "10"},
                          {"pattern", json_quote(kSocketMode)}}});
    case Type::events:
      return members_of(
          or_list(glob_shape(false), {{"minItems", "1"}, {"maxItems", number_of(kMostWords)}}));
    case Type::command:
      return members_of(command_shape());
    case Type::sinks:
      return members_of(or_list(text_shape(kLine), {{"uniqueItems", "true"}}));
    case Type::section:
      return {{"allOf", json_array({reference(key.child)})}};
    case Type::sections:  // those of `safety` may stand without a list
      if (key.section == Section::safety) return map_or_list(key.child);
      return {{"type", json_quote("array")}, {"items", reference(key.child)}, {"minItems", "1"}};
    case Type::unsupported:
      return {{"not", "{}"}, {"doNotSuggest", "true"}};
  }
  return {};
}

std::string default_of(const KeySpec& key) {
  const bool plain = key.type == Type::integer || key.fallback == "true" || key.fallback == "false";
  return plain ? std::string(key.fallback) : json_quote(key.fallback);
}

}  // namespace

std::string json_quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string json_object(const JsonMembers& members) {
  std::string text;
  for (const auto& [name, value] : members)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", json_quote(name), value);
  return fmt::format("{{{}}}", text);
}

std::string json_array(const std::vector<std::string>& items) {
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string value_schema(const KeySpec& key, bool in_defaults) {
  JsonMembers members{
      {"description",
       json_quote(fmt::format("{}{}", key.description,
                              key.type == Type::unsupported ? "; not supported yet" : ""))}};
  const JsonMembers own = members_for(key);
  members.insert(members.end(), own.begin(), own.end());
  if (!key.fallback.empty() && !in_defaults) members.emplace_back("default", default_of(key));
  return json_object(members);
}

}  // namespace trainstop::policy
