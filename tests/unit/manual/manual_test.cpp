// The manual and the table of keys say the same.
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "policy/keys.hpp"
#include "support/temp_dir.hpp"

namespace trainstop {
namespace {

/// Every word of the text that could be a key.
std::set<std::string> words(const std::string& text) {
  static const std::regex kWord("[a-z_]+");
  std::set<std::string> result;
  for (std::sregex_iterator it(text.begin(), text.end(), kWord), end; it != end; ++it)
    result.insert(it->str());
  return result;
}

TEST(Manual, NamesEveryKeyOfTheConfiguration) {
  const auto known = words(test::read_file(TRAINSTOP_SOURCE "/config/trainstop.yaml.5"));
  for (const policy::KeySpec& key : policy::all_keys()) {
    EXPECT_TRUE(known.count(std::string(key.name)) == 1) << key.name;
  }
}

TEST(Manual, NamesEveryKeyThatIsNotSupportedYetAsSuch) {
  const std::string text = test::read_file(TRAINSTOP_SOURCE "/config/trainstop.yaml.5");
  const std::size_t begin = text.find(".Sh NOT SUPPORTED YET");
  ASSERT_NE(begin, std::string::npos);
  const auto listed = words(text.substr(begin, text.find(".Sh", begin + 3) - begin));
  for (const policy::KeySpec& key : policy::all_keys()) {
    if (key.type == policy::Type::unsupported) {
      EXPECT_TRUE(listed.count(std::string(key.name)) == 1) << key.name;
    }
  }
}

}  // namespace
}  // namespace trainstop
