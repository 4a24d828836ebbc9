// The configuration's files on disk: FILE and `rules.d/*.yaml` beside it.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "policy/reader.hpp"
#include "policy/yaml_tree.hpp"

namespace trainstop::policy {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 1000;  // of rules.d
constexpr std::string_view kDirectory = "rules.d";

Problem problem(const fs::path& file, std::string message) {
  return {Problem::Severity::error, {file.string(), 1, 1}, std::move(message)};
}

/// The text of a file, or nothing and a problem.
std::optional<SourceText> load(const fs::path& file, std::vector<Problem>& problems) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  const auto refuse = [&](std::string_view why) -> std::optional<SourceText> {
    problems.push_back(problem(file, fmt::format("can't be read: {}", why)));
    return {};
  };
  if (status.type() == fs::file_type::none) return refuse(error.message());
  if (status.type() == fs::file_type::not_found) return refuse("there is no such file");
  if (status.type() == fs::file_type::directory) return refuse("it is a directory");
  // A pipe could be waited for without end.
  if (status.type() != fs::file_type::regular) return refuse("it is no regular file");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return refuse(std::strerror(errno));
  std::string text(kLargestText + 1, '\0');  // one more than allowed: the reader tells of it
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return refuse(std::strerror(errno));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return SourceText{file.string(), std::move(text)};
}

/// The files of the rules directory in name order. Without one there are none; a link that leads
/// nowhere is no such case, for somebody wants rules to be there.
std::vector<fs::path> list_rules(const fs::path& directory, std::vector<Problem>& problems) {
  std::vector<fs::path> files;
  std::error_code error;
  const fs::file_type type = fs::symlink_status(directory, error).type();
  if (type == fs::file_type::not_found) return files;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& file = entries->path();
    if (file.extension() == ".yaml" && !file.filename().string().starts_with('.'))
      files.push_back(file);
    if (files.size() > kMostFiles) {
      problems.push_back(problem(directory, fmt::format("holds more than {} files", kMostFiles)));
      return {};
    }
  }
  if (error)
    problems.push_back(problem(directory, fmt::format("can't be read: {}", error.message())));
  std::sort(files.begin(), files.end());
  return files;
}

/// The value of a key of the top level, or with `inner` of a key of its map.
const Node* value_of(const Node& root, std::string_view key, std::string_view inner) {
  const Node* const found = root.find(key);
  return found == nullptr || inner.empty() ? found : found->find(inner);
}

std::optional<fs::path> path_of(const Node* found) {
  if (found == nullptr || found->kind != Node::Kind::scalar || found->text.empty()) return {};
  return fs::path(found->text);
}

/// A path in FILE, or `standard` without one, however wrong all else in FILE is.
std::optional<fs::path> read_path(const fs::path& file, const std::string& key,
                                  const std::string& inner, const fs::path& standard,
                                  std::string& error) {
  std::vector<Problem> unread;
  const auto main = load(file, unread);
  if (!main) {
    error = format(unread.front());
    return {};
  }
  Problems problems({main->name});
  const Node root = read_tree(main->text, 0, problems);
  const Node* const value = value_of(root, key, inner);
  if (auto found = path_of(value)) return found;
  if (problems.any_error()) {  // no tree, perhaps: then the line alone
    Problems ignored({main->name});
    std::istringstream lines(main->text);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with(key + ':')) continue;
      if (auto found = path_of(value_of(read_tree(line, 0, ignored), key, inner))) return found;
    }
    error = format(problems.sorted().front());
    return {};
  }
  if (value == nullptr) return standard;
  error = format({Problem::Severity::error, problems.place(value->mark),
                  fmt::format("'{}' is no path", inner.empty() ? key : inner)});
  return {};
}

}  // namespace

Sources read_sources(const fs::path& file) {
  Sources sources;
  sources.main = load(file, sources.unread);
  for (const fs::path& path : list_rules(file.parent_path() / kDirectory, sources.unread)) {
    if (auto text = load(path, sources.unread)) sources.rules.push_back(std::move(*text));
  }
  return sources;
}

ReadResult read_config_file(const fs::path& file) {
  const Sources sources = read_sources(file);
  ReadResult result;
  if (sources.main) result = read_config(*sources.main, sources.rules);
  if (sources.unread.empty()) return result;
  result.config.reset();
  result.problems.insert(result.problems.begin(), sources.unread.begin(), sources.unread.end());
  return result;
}

std::optional<fs::path> read_state_dir(const fs::path& file, std::string& error) {
  return read_path(file, "state_dir", "", Config{}.state_dir, error);
}

std::optional<fs::path> read_socket(const fs::path& file, std::string& error) {
  return read_path(file, "control", "socket", Config{}.control.socket, error);
}

}  // namespace trainstop::policy
