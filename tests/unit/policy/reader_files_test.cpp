// The configuration's files on disk, and the ones that are shipped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;

class ReaderFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "trainstop-config-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { fs::remove_all(directory_); }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
  }
  ReadResult read() { return read_config_file(directory_ / "trainstop.yaml"); }

  fs::path directory_;
};

std::string rule(const std::string& name) {
  return "rules: [{name: " + name + ", when: {age: 1d}}]\n";
}

TEST_F(ReaderFiles, AreReadInNameOrder) {
  write("trainstop.yaml", kHead + rule("main"));
  write("rules.d/20-b.yaml", rule("second"));
  write("rules.d/10-a.yaml", rule("first"));
  write("rules.d/30-c.yml", rule("other"));
  write("rules.d/.hidden.yaml", "broken: [");
  write("rules.d/notes.txt", "broken: [");
  const auto result = read();
  EXPECT_THAT(problems_of(result), testing::IsEmpty());
  ASSERT_TRUE(result.config.has_value());
  ASSERT_EQ(result.config->rules.size(), 3U);
  EXPECT_EQ(result.config->rules[0].name, "main");
  EXPECT_EQ(result.config->rules[1].name, "first");
  EXPECT_EQ(result.config->rules[2].name, "second");
}

TEST_F(ReaderFiles, AMissingFileIsAProblem) {
  const auto result = read();
  EXPECT_FALSE(result.config.has_value());
  EXPECT_THAT(
      problems_of(result),
      ElementsAre(EndsWith("trainstop.yaml:1:1: error: can't be read: there is no such file")));
}

TEST_F(ReaderFiles, ADirectoryOrPipeIsAProblem) {
  write("trainstop.yaml", kHead + rule("main"));
  fs::create_directories(directory_ / "rules.d/a.yaml");
  ASSERT_EQ(mkfifo((directory_ / "rules.d/b.yaml").c_str(), 0600), 0);
  const auto result = read();
  EXPECT_FALSE(result.config.has_value());
  EXPECT_THAT(problems_of(result),
              ElementsAre(EndsWith("a.yaml:1:1: error: can't be read: it is a directory"),
                          EndsWith("b.yaml:1:1: error: can't be read: it is no regular file")));
}

TEST_F(ReaderFiles, AnUnreadableFileIsAProblemBesideAllOthers) {
  write("trainstop.yaml", kHead + "rules: [{name: r, when: {age: 1}}]\n");
  fs::create_directories(directory_ / "rules.d");
  fs::create_symlink("nowhere", directory_ / "rules.d/a.yaml");
  const auto result = read();
  EXPECT_FALSE(result.config.has_value());
  EXPECT_EQ(result.problems.size(), 2U);
}

TEST_F(ReaderFiles, AnEmptyOrHugeFileIsAProblem) {
  write("trainstop.yaml", "");
  EXPECT_THAT(
      problems_of(read()),
      ElementsAre(EndsWith("error: the file is empty; expected at least 'mode' and 'accounts'")));
  write("trainstop.yaml", std::string((4U << 20U) + 1, '#'));
  EXPECT_THAT(problems_of(read()), ElementsAre(EndsWith("error: larger than 4 MiB")));
}

TEST(ShippedConfig, TheDefaultIsSoundAndOnlyObserves) {
  const auto result = read_config_file(fs::path(TRAINSTOP_CONFIG_DIR) / "trainstop.yaml");
  EXPECT_THAT(problems_of(result), testing::IsEmpty());
  ASSERT_TRUE(result.config.has_value());
  EXPECT_EQ(result.config->mode, Mode::observe);
  EXPECT_EQ(result.config->accounts.at(0).api_key.name, "BASETEN_API_KEY");
  EXPECT_FALSE(result.config->rules.empty());
}

TEST(ShippedConfig, TheExamplesAreSound) {
  std::vector<SourceText> examples;
  for (const auto& entry : fs::directory_iterator(fs::path(TRAINSTOP_CONFIG_DIR) / "examples")) {
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    examples.push_back({entry.path().string(), text.str()});
  }
  EXPECT_GE(examples.size(), 2U);
  const auto result = read_config({"m.yaml", kHead}, examples);
  EXPECT_THAT(problems_of(result), testing::IsEmpty());
  EXPECT_TRUE(result.config.has_value());
}

}  // namespace
}  // namespace trainstop::policy
