// Every file of tests/corpus/config begins with the problems it has: `# expect LINE:COL: error: …`.
// All of them are told, in this order, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> corpus() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(TRAINSTOP_CORPUS_DIR)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Corpus : public testing::TestWithParam<std::string> {};

TEST_P(Corpus, IsRefusedWithExactlyTheseProblems) {
  std::ifstream file(fs::path(TRAINSTOP_CORPUS_DIR) / (GetParam() + ".yaml"));
  std::stringstream text;
  text << file.rdbuf();
  std::vector<std::string> expected;
  constexpr std::string_view kExpect = "# expect ";
  for (std::string line; std::getline(text, line) && line.starts_with(kExpect);) {
    expected.push_back("FILE:" + line.substr(kExpect.size()));
  }
  ASSERT_FALSE(expected.empty());
  const ReadResult result = read_config({"FILE", text.str()});
  EXPECT_THAT(problems_of(result), testing::ElementsAreArray(expected));
  const bool any_error = std::any_of(expected.begin(), expected.end(), [](const std::string& line) {
    return line.find(": error: ") != std::string::npos;
  });
  EXPECT_EQ(result.config.has_value(), !any_error);
}

INSTANTIATE_TEST_SUITE_P(Config, Corpus, testing::ValuesIn(corpus()),
                         [](const auto& one) { return one.param; });

TEST(Corpus, IsThere) {
  EXPECT_GE(corpus().size(), 50U);
}

}  // namespace
}  // namespace trainstop::policy
