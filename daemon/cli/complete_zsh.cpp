// The completion script for zsh: a function for each command, with its descriptions.
#include <fmt/format.h>

#include "cli/completion.hpp"

namespace trainstop::cli {

namespace {

/// A text inside a specification of _arguments, in single quotes.
std::string zsh_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'') {
      escaped += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string zsh_function(const CompletedCommand& command) {
  std::string name = "_trainstop";
  for (const std::string& word : command.path) name += '_' + word;
  return name;
}

/// `:message:action`
std::string zsh_value(const CompletedValue& value) {
  using Kind = CompletedValue::Kind;
  switch (value.kind) {
    case Kind::none:
      return "";
    case Kind::free:
      return fmt::format(":{}: ", zsh_text(value.name));
    case Kind::file:
      return fmt::format(":{}:_files", zsh_text(value.name));
    case Kind::directory:
      return fmt::format(":{}:_files -/", zsh_text(value.name));
    case Kind::words:
      return fmt::format(":{}:({})", zsh_text(value.name), fmt::join(value.words, " "));
  }
  return "";
}

std::string zsh_option(const CompletedOption& option) {
  const std::string rest =
      fmt::format("[{}]{}", zsh_text(option.description), zsh_value(option.value));
  std::string all;
  for (const std::string& name : option.names) {
    const bool takes_value = option.value.kind != CompletedValue::Kind::none;
    const std::string_view joint = !takes_value ? "" : name.starts_with("--") ? "=" : "+";
    all += fmt::format(" \\\n    '({}){}{}{}'", fmt::join(option.names, " "), name, joint, rest);
  }
  return all;
}

void zsh_command(const CompletedCommand& command, std::string& script) {
  for (const CompletedCommand& below : command.commands) zsh_command(below, script);
  script += fmt::format("{}() {{\n", zsh_function(command));
  const bool group = !command.commands.empty();
  if (group)
    script +=
        "  local curcontext=$curcontext context state state_descr line\n  typeset -A opt_args\n";
  script += group ? "  _arguments -C" : "  _arguments";
  for (const CompletedOption& option : command.options) script += zsh_option(option);
  for (const CompletedOption& positional : command.positionals)
    script += fmt::format(" \\\n    '{}'", zsh_value(positional.value));
  if (!group) {
    script += "\n}\n\n";
    return;
  }
  script +=
      " \\\n    '1: :->command' \\\n    '*:: :->words'\n  case $state in\n    command)\n      "
      "local -a commands=(\n";
  for (const CompletedCommand& below : command.commands)
    script += fmt::format("        '{}:{}'\n", below.path.back(), zsh_text(below.description));
  script +=
      "      )\n      _describe command commands\n      ;;\n    words)\n      case $words[1] in\n";
  for (const CompletedCommand& below : command.commands)
    script += fmt::format("        {}) {} ;;\n", below.path.back(), zsh_function(below));
  script += "      esac\n      ;;\n  esac\n}\n\n";
}

}  // namespace

std::string complete_zsh(const CompletedCommand& program) {
  std::string script = "#compdef trainstop\n# Made by 'trainstop completion zsh'.\n\n";
  zsh_command(program, script);
  // Sourced it registers itself; found by its name it is called.
  return script +
         "if [ \"$funcstack[1]\" = _trainstop ]; then\n  _trainstop \"$@\"\nelse\n  compdef "
         "_trainstop trainstop\nfi\n";
}

}  // namespace trainstop::cli
