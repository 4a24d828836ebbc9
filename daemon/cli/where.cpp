#include "cli/where.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cerrno>
#include <cstdio>

#include "journal/reader.hpp"
#include "policy/reader.hpp"

namespace trainstop::cli {

namespace {

bool is_refusal(int denied) {
  return denied == EACCES || denied == EPERM;
}

std::string_view mend_of(journal::Error::Kind kind, int denied) {
  using Kind = journal::Error::Kind;
  switch (kind) {
    case Kind::corrupt:
      return "'trainstop journal check' says what is wrong; a daemon that starts sets the file "
             "aside and begins a new one";
    case Kind::newer:
      return "use the version of trainstop that wrote it, or a later one";
    case Kind::busy:
      return "try again in a moment";
    default:
      break;
  }
  if (is_refusal(denied)) return "run this as root or as the user that runs the daemon";
  if (denied == ENOENT || denied == ENOTDIR)
    return "a daemon that starts makes it; if it is elsewhere, name its directory with --state-dir";
  return "see whether the disk is full, read-only or faulty";
}

}  // namespace

void add_where(CLI::App& command, Where& where) {
  command.add_option("--state-dir", where.state_dir, "The state directory")->type_name("DIR");
  command
      .add_option("--config", where.config, "The configuration file that names the state directory")
      ->capture_default_str()
      ->type_name("FILE");
}

std::filesystem::path find_state_directory(const Where& where, std::string& note) {
  if (!where.state_dir.empty()) return where.state_dir;
  if (auto given = state_directory({}); !given.empty()) return given;
  std::string error;
  if (auto configured = policy::read_state_dir(where.config, error)) return *configured;
  const std::filesystem::path standard = policy::Config{}.state_dir;
  note = fmt::format("{}; using the state directory {}", error, standard.string());
  return standard;
}

std::filesystem::path find_state_directory(const Where& where) {
  std::string note;
  auto found = find_state_directory(where, note);
  if (!note.empty()) fmt::print(stderr, "{}\n", note);
  return found;
}

std::string name_in_journal(const std::filesystem::path& directory, const std::string& job) {
  const auto first = job.find('/'), last = job.rfind('/');
  const bool is_key = first != last && job.find('/', first + 1) == last && first != 0 &&
                      last > first + 1 && last + 1 != job.size();
  if (!is_key) return job;
  journal::Query named;
  named.job = job;
  named.least = Level::debug;
  named.last = 1;
  const auto reader = journal::open_reader(directory);
  if (!reader) return job;
  const auto found = (*reader)->events(named);
  if (found && !found->empty()) return job;
  return job.substr(0, first) + job.substr(last);
}

int access_error(const std::filesystem::path& directory, Access access) {
  const auto error = [](const std::filesystem::path& path, int mode) {
    return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0 ? 0 : errno;
  };
  const std::filesystem::path file = directory / journal::kFileName;
  if (access == Access::read) return error(file, R_OK);
  const int of_file = error(file, R_OK | W_OK);
  // SQLite makes its log beside the file.
  return of_file != 0 ? of_file : error(directory, W_OK | X_OK);
}

int journal_failed(const journal::Error& error, const std::filesystem::path& directory,
                   Access access) {
  const int denied = access_error(directory, access);
  fmt::print(stderr, "{}; {}\n", error.message, mend_of(error.kind, denied));
  return is_refusal(denied) ? kNotPermitted : kFailed;
}

}  // namespace trainstop::cli
