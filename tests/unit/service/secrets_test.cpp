// Keys: every source, every refusal, and never a word of the key itself.
#include "service/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace trainstop::service {
namespace {

using policy::SecretSource;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Secrets : public testing::Test {
 protected:
  Secrets() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "trainstop-key-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~Secrets() override {
    std::filesystem::remove_all(directory_);
    ::unsetenv("CREDENTIALS_DIRECTORY");
    ::unsetenv("TRAINSTOP_TEST_KEY");
  }

  std::string file_with(const std::string& text, mode_t mode = 0600) const {
    const auto path = directory_ / "key";
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), mode);
    return path.string();
  }
  static std::string message_of(const SecretSource& source) {
    const auto secret = read_secret(source);
    return secret.has_error() ? secret.error().message : "no failure";
  }

  std::filesystem::path directory_;
};

TEST_F(Secrets, AFileGivesItsTextWithoutTheLastNewline) {
  EXPECT_EQ(read_secret({SecretSource::From::file, file_with("abc.DEF\n")}).value(), "abc.DEF");
  EXPECT_EQ(read_secret({SecretSource::From::file, file_with("abc.DEF\r\n")}).value(), "abc.DEF");
  EXPECT_EQ(read_secret({SecretSource::From::file, file_with("abc.DEF", 0400)}).value(), "abc.DEF");
}

TEST_F(Secrets, AFileThatOthersCanReadIsRefused) {
  for (const mode_t mode : {0640U, 0604U, 0660U, 0644U}) {
    EXPECT_THAT(
        message_of({SecretSource::From::file, file_with("hidden", mode)}),
        AllOf(HasSubstr("others can read it"), HasSubstr("chmod 600"), Not(HasSubstr("hidden"))));
  }
}

TEST_F(Secrets, WhatIsNoKeyIsRefusedWithoutBeingShown) {
  EXPECT_THAT(message_of({SecretSource::From::file, file_with("")}), HasSubstr("is empty"));
  EXPECT_THAT(message_of({SecretSource::From::file, file_with("\n")}), HasSubstr("is empty"));
  for (const std::string text : {"hidden key", "hidden\nX-Header: 1", "hidden\x01", "hidden\xff"}) {
    EXPECT_THAT(message_of({SecretSource::From::file, file_with(text)}),
                AllOf(HasSubstr("can't be part of a key"), Not(HasSubstr("hidden"))));
  }
  EXPECT_THAT(message_of({SecretSource::From::file, file_with(std::string(9000, 'k'))}),
              HasSubstr("too long"));
}

TEST_F(Secrets, AMissingSourceIsNamed) {
  EXPECT_THAT(message_of({SecretSource::From::file, "/nonexistent/key"}),
              HasSubstr("file '/nonexistent/key': No such file or directory"));
  EXPECT_THAT(message_of({SecretSource::From::file, directory_.string()}),
              HasSubstr("not a regular file"));
  EXPECT_THAT(message_of({SecretSource::From::env, "TRAINSTOP_TEST_KEY"}),
              HasSubstr("environment variable TRAINSTOP_TEST_KEY is not set"));
  EXPECT_THAT(message_of({SecretSource::From::credential, "key"}),
              HasSubstr("CREDENTIALS_DIRECTORY is not set"));
}

TEST_F(Secrets, ACredentialIsReadWhateverItsMode) {
  file_with("from-systemd\n", 0440);
  ::setenv("CREDENTIALS_DIRECTORY", directory_.c_str(), 1);
  EXPECT_EQ(read_secret({SecretSource::From::credential, "key"}).value(), "from-systemd");
  EXPECT_THAT(message_of({SecretSource::From::credential, "../key"}),
              HasSubstr("not the name of a credential"));
  EXPECT_THAT(message_of({SecretSource::From::credential, ".."}),
              HasSubstr("not the name of a credential"));
}

TEST_F(Secrets, TheEnvironmentForgetsAKeyThatTwoAccountsShare) {
  ::setenv("TRAINSTOP_TEST_KEY", "hidden", 1);
  const char* place = std::getenv("TRAINSTOP_TEST_KEY");
  policy::Account account;
  account.api_key = {SecretSource::From::env, "TRAINSTOP_TEST_KEY"};
  const auto keys = take_api_keys({account, account});
  EXPECT_EQ(keys.value(), (std::vector<std::string>{"hidden", "hidden"}));
  EXPECT_EQ(place[0], '\0') << "what /proc/PID/environ shows is wiped";
  EXPECT_EQ(std::getenv("TRAINSTOP_TEST_KEY"), nullptr);
}

TEST_F(Secrets, AMissingKeyNamesItsAccount) {
  policy::Account account;
  account.name = "research";
  account.api_key = {SecretSource::From::env, "TRAINSTOP_TEST_KEY"};
  EXPECT_THAT(take_api_keys({account}).error().message, HasSubstr("account 'research': api_key:"));
}

TEST_F(Secrets, WordsFromOutsideLoseTheKey) {
  EXPECT_EQ(redact("bad key abc, abcabc", "abc"), "bad key [key], [key][key]");
  EXPECT_EQ(redact("nothing", "abc"), "nothing");
  EXPECT_EQ(redact("anything", ""), "anything");
}

TEST_F(Secrets, SinksAndTheHeartbeatTakeTheirsAndKeepThemOverAReload) {
  ::setenv("TRAINSTOP_TEST_KEY", "https://a.example/x", 1);
  policy::Config config;
  policy::NotifySink sink;
  sink.name = "oncall";
  sink.url = SecretSource{SecretSource::From::env, "TRAINSTOP_TEST_KEY"};
  sink.hmac = SecretSource{SecretSource::From::file, file_with("signing")};
  config.notify = {sink};
  config.heartbeat.emplace();
  config.heartbeat->url = SecretSource{SecretSource::From::env, "TRAINSTOP_TEST_KEY"};
  const auto first = take_notify_secrets(config);
  ASSERT_FALSE(first.has_error()) << first.error().message;
  EXPECT_EQ(first->urls.at("oncall"), "https://a.example/x");
  EXPECT_EQ(first->hmacs.at("oncall"), "signing");
  EXPECT_EQ(first->heartbeat, "https://a.example/x");
  EXPECT_EQ(std::getenv("TRAINSTOP_TEST_KEY"), nullptr);
  EXPECT_THAT(take_notify_secrets(config).error().message,
              HasSubstr("notify 'oncall': url: environment variable TRAINSTOP_TEST_KEY"));
  file_with("rotated");
  const auto again = take_notify_secrets(config, *first);
  ASSERT_FALSE(again.has_error());
  EXPECT_EQ(again->urls, first->urls);
  EXPECT_EQ(again->heartbeat, first->heartbeat);
  EXPECT_EQ(again->hmacs.at("oncall"), "rotated") << "a file is read anew";
}

}  // namespace
}  // namespace trainstop::service
