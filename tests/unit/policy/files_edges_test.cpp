// Files that can't be read although they are there, and the state directory out of broken ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "unit/policy/read_text.hpp"

namespace trainstop::policy {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "trainstop-files-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory = pattern;
    file = directory / "trainstop.yaml";
  }
  void TearDown() override { fs::remove_all(directory); }
  void write(const std::string& text) { std::ofstream(file) << text; }
  /// The state directory, or what is told instead.
  std::string state_dir(const std::string& text) {
    write(text);
    std::string error;
    const auto found = read_state_dir(file, error);
    return found ? found->string() : "error: " + error;
  }

  fs::path directory, file;
};

/// Lets this process open no more files than it has.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreFiles() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;

 private:
  rlimit before_{};
};

TEST_F(Files, WithoutADescriptorLeftAreAProblemEach) {
  write(kHead);
  fs::create_directories(directory / "rules.d");
  // UBSan looks at the type of an object it has not met through a pipe, so let it meet them all
  // before.
  ReadResult result = read_config_file(file);
  {
    const NoMoreFiles none;
    result = read_config_file(file);
  }
  EXPECT_FALSE(result.config);
  EXPECT_THAT(problems_of(result),
              ElementsAre(HasSubstr("trainstop.yaml:1:1: error: can't be read: Too many open"),
                          HasSubstr("rules.d:1:1: error: can't be read: Too many open")));
}

TEST_F(Files, WhoseNameIsTooLongAreAProblem) {
  EXPECT_THAT(problems_of(read_config_file(directory / std::string(300, 'x'))),
              ElementsAre(HasSubstr("can't be read: File name too long")));
}

TEST_F(Files, ThatFailWhileTheyAreReadAreAProblem) {
  // The memory of this process: regular, and nothing is mapped at its begin.
  EXPECT_THAT(problems_of(read_config_file("/proc/self/mem")),
              ElementsAre(HasSubstr("/proc/self/mem:1:1: error: can't be read: ")));
}

TEST_F(Files, OfADirectoryThatIsALoopAreAProblem) {
  write(kHead + "rules: [{name: r, when: {age: 1d}}]\n");
  fs::create_directory_symlink("rules.d", directory / "rules.d");
  const ReadResult result = read_config_file(file);
  EXPECT_FALSE(result.config);
  EXPECT_THAT(problems_of(result), ElementsAre(HasSubstr("rules.d:1:1: error: can't be read: ")));
}

TEST_F(Files, OfADirectoryThatIsALinkToNowhereAreAProblem) {
  write(kHead + "rules: [{name: r, when: {age: 1d}}]\n");
  fs::create_directory_symlink("nowhere", directory / "rules.d");
  const ReadResult result = read_config_file(file);
  EXPECT_FALSE(result.config);
  EXPECT_THAT(problems_of(result),
              ElementsAre(HasSubstr("rules.d:1:1: error: can't be read: No such file")));
  fs::create_directories(directory / "nowhere");
  EXPECT_TRUE(read_config_file(file).config) << "a link to a directory is one";
}

TEST_F(Files, OfWhichThereAreTooManyAreAProblem) {
  write(kHead + "rules: [{name: r, when: {age: 1d}}]\n");
  fs::create_directories(directory / "rules.d");
  for (int i = 0; i < 1001; ++i)
    std::ofstream(directory / "rules.d" / (std::to_string(i) + ".yaml"));
  EXPECT_THAT(problems_of(read_config_file(file)),
              ElementsAre(HasSubstr("rules.d:1:1: error: holds more than 1000 files")));
}

TEST_F(Files, NameTheStateDirectoryHoweverWrongTheRestIs) {
  EXPECT_EQ(state_dir("state_dir: /srv/t\n"), "/srv/t");
  EXPECT_EQ(state_dir("state_dir: /srv/t\nrules: 7\nmode: x\n"), "/srv/t");
  EXPECT_EQ(state_dir("mode: [\nstate_dir: /srv/t\n"), "/srv/t") << "no YAML, but for that line";
  EXPECT_EQ(state_dir("mode: enforce\n"), "/var/lib/trainstop");
}

TEST_F(Files, ThatNameNoStateDirectoryThatCanBeFoundSayWhy) {
  EXPECT_THAT(state_dir("state_dir: [x]\n"), HasSubstr("'state_dir' is no path"));
  EXPECT_THAT(state_dir("state_dir: ''\n"), HasSubstr("'state_dir' is no path"));
  EXPECT_THAT(state_dir("mode: [\nrules: 1\n"), HasSubstr("error: not valid YAML"));
  EXPECT_THAT(state_dir("mode: [\nstate_dir: [\n"), HasSubstr("error: not valid YAML"));
  fs::remove(file);
  std::string error;
  EXPECT_EQ(read_state_dir(file, error), std::nullopt);
  EXPECT_THAT(error, HasSubstr("there is no such file"));
}

}  // namespace
}  // namespace trainstop::policy
