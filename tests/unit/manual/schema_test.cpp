// The JSON schemas in config/, the table of keys and the manual say the same.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <regex>
#include <string>

#include "policy/json_schema.hpp"
#include "policy/keys.hpp"
#include "policy/schema_value.hpp"
#include "support/temp_dir.hpp"

namespace trainstop {
namespace {

namespace json = boost::json;
using policy::KeySpec;
using policy::Section;

constexpr const char* kRenew = "renew it: cmake --build build/dev --target schema";

json::value schema_of(Section file) {
  return json::parse(policy::json_schema(file));
}

/// The keys a schema knows in a section.
const json::object& properties_of(const json::value& schema, Section section, Section file) {
  if (section == file) return schema.at("properties").as_object();
  return schema.at("definitions").at(policy::definition_of(section)).at("properties").as_object();
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

TEST(Schema, IsTheOneThatTheTableOfKeysGives) {
  EXPECT_EQ(test::read_file(TRAINSTOP_SOURCE "/config/trainstop.schema.json"),
            policy::json_schema(Section::root))
      << kRenew;
  EXPECT_EQ(test::read_file(TRAINSTOP_SOURCE "/config/trainstop-rules.schema.json"),
            policy::json_schema(Section::rules_file))
      << kRenew;
}

TEST(Schema, HoldsEachKeyUnderItsSectionWithDescriptionAndDefault) {
  const json::value main = schema_of(Section::root);
  const json::value rules = schema_of(Section::rules_file);
  for (const KeySpec& key : policy::all_keys()) {
    const bool of_rules = key.section == Section::rules_file;
    const json::object& known = properties_of(of_rules ? rules : main, key.section,
                                              of_rules ? Section::rules_file : Section::root);
    const json::value* property = known.if_contains(key.name);
    ASSERT_NE(property, nullptr) << key.name;
    EXPECT_TRUE(property->at("description").as_string().starts_with(key.description)) << key.name;
    const json::value* fallback = property->as_object().if_contains("default");
    EXPECT_EQ(fallback == nullptr ? "" : text_of(*fallback), key.fallback) << key.name;
  }
}

TEST(Schema, HoldsNoKeyThatTheTableLacks) {
  const json::value main = schema_of(Section::root);
  for (const auto& definition : main.at("definitions").as_object()) {
    for (int at = 0; at <= static_cast<int>(Section::schedule); ++at) {
      const auto section = static_cast<Section>(at);
      if (policy::definition_of(section) != definition.key()) continue;
      for (const auto& property : definition.value().at("properties").as_object()) {
        const std::string name(property.key());
        EXPECT_NE(policy::find_key(section, name), nullptr) << definition.key() << '.' << name;
      }
      EXPECT_EQ(definition.value().at("properties").as_object().size(),
                policy::keys_of(section).size());
      EXPECT_EQ(definition.value().at("additionalProperties"), json::value(false));
    }
  }
}

TEST(Schema, GivesDefaultsNoDefaultOfARule) {
  const json::value main = schema_of(Section::root);
  for (const auto& property : properties_of(main, Section::defaults, Section::root))
    EXPECT_EQ(property.value().as_object().if_contains("default"), nullptr) << property.key();
}

/// The text under `.It Ic NAME` of the manual's section, up to the next item.
std::string item_of(const std::string& section, const std::string& name) {
  const std::regex kItem("\\.It Ic ([^\\n]*, )?" + name + "( [^\\n]*)?\\n");
  std::smatch found;
  if (!std::regex_search(section, found, kItem)) return {};
  const std::string rest = found.suffix();
  return rest.substr(0, std::min(rest.find("\n.It"), rest.find("\n.El")));
}

std::string manual_section(const std::string& title) {
  const std::string manual = test::read_file(TRAINSTOP_SOURCE "/config/trainstop.yaml.5");
  const std::size_t begin = manual.find(".Sh " + title + "\n");
  if (begin == std::string::npos) return {};
  return manual.substr(begin, manual.find("\n.Sh", begin) - begin);
}

/// Every key whose default is a number, a duration or a mode stands in the manual with it: `.Ic
/// KEY` and the default in parentheses before the next key.
TEST(Manual, NamesTheDefaultsOfTheTable) {
  const std::map<Section, std::string> kItems{
      {Section::poll, "poll"},           {Section::stop, "stop"},
      {Section::journal, "journal"},     {Section::safety, "safety"},
      {Section::heartbeat, "heartbeat"}, {Section::control, "control"},
      {Section::account, "accounts"}};
  const std::string top = manual_section("TOP LEVEL");
  int looked_at = 0;
  for (const KeySpec& key : policy::all_keys()) {
    const auto item = kItems.find(key.section);
    if (item == kItems.end() || key.fallback.empty() || key.type == policy::Type::choice ||
        key.type == policy::Type::globs) {
      continue;
    }
    const std::string text = item_of(top, item->second);
    ASSERT_FALSE(text.empty()) << item->second;
    const std::string name = ".Ic " + std::string(key.name);
    const std::size_t end_of_name = text.find(name);
    ASSERT_NE(end_of_name, std::string::npos) << item->second << ": " << key.name;
    const std::size_t behind = text.rfind("\n" + name + "\n");
    const std::size_t begin =
        (behind == std::string::npos ? end_of_name : behind + 1) + name.size();
    const std::string said = text.substr(begin, text.find("\n.Ic", begin) - begin);
    EXPECT_NE(said.find(key.fallback), std::string::npos)
        << item->second << '.' << key.name << " is " << key.fallback << ", and the manual says"
        << said;
    ++looked_at;
  }
  EXPECT_GE(looked_at, 15);
}

TEST(Manual, NamesTheChoiceThatIsTakenWithoutAKey) {
  EXPECT_NE(item_of(manual_section("RULES"), "grace").find("(0s)"), std::string::npos)
      << item_of(manual_section("RULES"), "grace");
  EXPECT_EQ(policy::find_key(Section::rule, "grace")->fallback, "0s");
  for (const char* name : {"queued", "group_by"}) {
    const KeySpec& key = *policy::find_key(Section::budget, name);
    const std::string text = item_of(manual_section("BUDGETS"), name);
    const std::size_t said = text.find(".Ql " + std::string(key.fallback) + "\n");
    ASSERT_NE(said, std::string::npos) << name;
    EXPECT_LT(text.find("the default", said), text.find(".Ql", said + 1)) << name;
  }
}

}  // namespace
}  // namespace trainstop
