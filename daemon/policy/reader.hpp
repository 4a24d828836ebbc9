// Reads the configuration: strict, every error in one pass, each with its place and the mend.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "policy/config.hpp"

namespace trainstop::policy {

struct Problem {
  enum class Severity : std::uint8_t { error, warning } severity = Severity::error;
  Place place;
  std::string message;  ///< `unknown key 'gracee' in a rule; did you mean 'grace'?`
};

/// `FILE:LINE:COL: error: message`.
std::string format(const Problem& problem);

struct ReadResult {
  std::optional<Config> config;   ///< present exactly when no problem is an error
  std::vector<Problem> problems;  ///< in order of file, line and column
};

/// One file's name (as shown in problems) and text.
struct SourceText {
  std::string name;
  std::string text;
};

/// Reads the main file's text and those of the rules directory, in order. Pure.
ReadResult read_config(const SourceText& main, const std::vector<SourceText>& rules = {});

/// Reads FILE and every `*.yaml` of `rules.d/` beside it in name order. A file that can't be read
/// is a problem.
ReadResult read_config_file(const std::filesystem::path& file);

/// The `state_dir` of FILE, or what it is without one, however wrong all else in FILE is: a mistake
/// in a rule must not keep anybody from the journal. Empty, with why in `error`, when FILE can't be
/// read or names none that can be found.
std::optional<std::filesystem::path> read_state_dir(const std::filesystem::path& file,
                                                    std::string& error);

/// The same of `control.socket`.
std::optional<std::filesystem::path> read_socket(const std::filesystem::path& file,
                                                 std::string& error);

/// The text of FILE and of the files of `rules.d/`, in the order of reading; files that can't be
/// read are `unread`.
struct Sources {
  std::optional<SourceText> main;
  std::vector<SourceText> rules;
  std::vector<Problem> unread;
};
Sources read_sources(const std::filesystem::path& file);

}  // namespace trainstop::policy
