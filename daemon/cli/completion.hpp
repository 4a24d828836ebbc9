// Completion scripts for shells, made from the tree of commands itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace trainstop::cli {

/// What may stand at a place of the command line.
struct CompletedValue {
  enum class Kind : std::uint8_t { none, free, file, directory, words } kind = Kind::none;
  std::string name;                ///< as the help calls it
  std::vector<std::string> words;  ///< of Kind::words
};

struct CompletedOption {
  std::vector<std::string> names;  ///< `-n`, `--jobs`
  std::string description;
  CompletedValue value;  ///< none: a flag
};

/// A command with everything below it; hidden ones are left out.
struct CompletedCommand {
  std::vector<std::string> path;  ///< `budgets`, `raise`; empty for the program
  std::string description;
  std::vector<CompletedOption> options;
  std::vector<CompletedOption> positionals;
  std::vector<CompletedCommand> commands;
};

CompletedCommand completed(const CLI::App& app);

/// The script of one shell, for the program `trainstop`.
std::string complete_bash(const CompletedCommand& program);
std::string complete_zsh(const CompletedCommand& program);
std::string complete_fish(const CompletedCommand& program);

}  // namespace trainstop::cli
