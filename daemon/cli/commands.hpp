// The commands of the one binary. Each adds itself to the command line and, when it was called,
// does its work.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "policy/config.hpp"

namespace CLI {
class App;
}

namespace trainstop::cli {

/// The documented exit codes; scripts decide by them.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kNoSuchJob = 3;
inline constexpr int kImpaired = 4;
inline constexpr int kAmbiguous = 5;
inline constexpr int kUnreachable = 69;
inline constexpr int kBug = 70;
inline constexpr int kNotPermitted = 77;
inline constexpr int kConfiguration = 78;

/// Where the journal is: $STATE_DIRECTORY (systemd's StateDirectory=), or what is configured.
std::filesystem::path state_directory(const std::filesystem::path& configured);

inline constexpr const char* kDefaultConfig = "/etc/trainstop/trainstop.yaml";

/// What a command does once the command line is read; gives the exit code.
using Work = std::function<int()>;

/// Adds the command; when it is called, `work` becomes what is to be done.
void add_run(CLI::App& app, Work& work);
void add_check(CLI::App& app, Work& work);
void add_events(CLI::App& app, Work& work);
void add_journal(CLI::App& app, Work& work);
void add_budgets(CLI::App& app, Work& work);
void add_breaker(CLI::App& app, Work& work);
void add_stop(CLI::App& app, Work& work);
void add_exempt(CLI::App& app, Work& work);
void add_extend(CLI::App& app, Work& work);
void add_pause(CLI::App& app, Work& work);
void add_resume(CLI::App& app, Work& work);
void add_revoke(CLI::App& app, Work& work);
void add_reload(CLI::App& app, Work& work);
void add_notify(CLI::App& app, Work& work);
/// Hidden from the help. `app` has to live until the work is done.
void add_completion(CLI::App& app, Work& work);
/// Below `budgets`.
void add_raise(CLI::App& budgets, Work& work);
void add_status(CLI::App& app, Work& work);
void add_explain(CLI::App& app, Work& work);
void add_rules(CLI::App& app, Work& work);
void add_overrides(CLI::App& app, Work& work);

/// Asks every account's API whether the configuration can work: key, clock, prices, projects.
/// Prints what it finds; kDone, kFailed or, without a key to ask with, kConfiguration.
int check_online(const policy::Config& config);

/// Reads the command line and does what it says.
int main(int argc, const char* const* argv);

}  // namespace trainstop::cli
