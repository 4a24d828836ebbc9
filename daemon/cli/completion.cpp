// `trainstop completion SHELL`: walks the tree of commands and prints a script. It is hidden from
// the help: packages call it, people rarely.
#include "cli/completion.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"

namespace trainstop::cli {

namespace {

/// The words of a type that CLI11 names `TEXT:{a,b}`, as it does for a set of words.
std::vector<std::string> words_of_set(const std::string& type) {
  std::vector<std::string> words;
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return words;
  std::string rest = type.substr(open + 1, close - open - 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    words.push_back(rest.substr(0, end));
    rest.erase(0, end + 1);
  }
  return words;
}

CompletedValue value_of(const CLI::Option& option) {
  using Kind = CompletedValue::Kind;
  if (option.get_items_expected_max() == 0) return {};
  CompletedValue value;
  const std::string type = option.get_type_name();
  value.name = type.substr(0, type.find(':'));
  value.words = words_of_set(type);
  value.kind = Kind::free;
  if (!value.words.empty()) value.kind = Kind::words;
  if (value.name == "FILE" || value.name == "PATH") value.kind = Kind::file;
  if (value.name == "DIR") value.kind = Kind::directory;
  return value;
}

CompletedCommand walk(const CLI::App& app, const std::vector<std::string>& path) {
  CompletedCommand command;
  command.path = path;
  command.description = app.get_description();
  for (const CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
    CompletedOption known;
    for (const std::string& name : option->get_snames()) known.names.push_back('-' + name);
    for (const std::string& name : option->get_lnames()) known.names.push_back("--" + name);
    known.description = option->get_description();
    known.value = value_of(*option);
    if (option->get_positional()) {
      if (known.value.name.empty() || known.value.name == "TEXT")
        known.value.name = option->get_name(true);
      command.positionals.push_back(std::move(known));
    } else {
      command.options.push_back(std::move(known));
    }
  }
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (below->get_group().empty()) continue;
    std::vector<std::string> longer = path;
    longer.push_back(below->get_name());
    command.commands.push_back(walk(*below, longer));
  }
  return command;
}

}  // namespace

CompletedCommand completed(const CLI::App& app) {
  return walk(app, {});
}

void add_completion(CLI::App& app, Work& work) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Prints what completes commands in a shell");
  command->group("");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &work, shell] {
    work = [&app, shell] {
      const CompletedCommand program = completed(app);
      const std::string script = *shell == "bash"  ? complete_bash(program)
                                 : *shell == "zsh" ? complete_zsh(program)
                                                   : complete_fish(program);
      fmt::print("{}", script);
      return std::fflush(stdout) == 0 ? kDone : kFailed;
    };
  });
}

}  // namespace trainstop::cli
