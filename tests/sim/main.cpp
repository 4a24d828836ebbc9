// trainstop-sim: the simulated API as a program, for end-to-end tests and the demonstration.
#include <signal.h>
#include <sys/prctl.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "sim/scenario.hpp"
#include "sim/sim.hpp"
#include "support/pki.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace sim = trainstop::sim;
namespace test = trainstop::test;

struct Arguments {
  std::string scenario, pki, certificate = "good", port_file, key;
  std::uint16_t port = 0;
  bool plain = false;
};

/// The port file appears whole, so that who waits for it never reads half a number.
void write_port(const std::string& path, std::uint16_t port) {
  const std::string unfinished = path + ".new";
  std::ofstream file(unfinished, std::ios::trunc);
  file << port << '\n';
  file.close();
  if (!file) throw std::runtime_error("cannot write " + unfinished);
  std::filesystem::rename(unfinished, path);
}

test::Identity identity_of(const Arguments& arguments) {
  if (arguments.pki.empty()) throw std::runtime_error("--pki DIR or --plain is required");
  const std::filesystem::path directory = arguments.pki;
  if (!std::filesystem::exists(directory / "ca.pem")) test::Pki().write(directory);
  return test::read_identity(directory / (arguments.certificate + ".pem"),
                             directory / (arguments.certificate + ".key"));
}

int serve(const Arguments& arguments) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // Blocked before any thread is made, so that only sigwait below takes them.
  sigset_t endings;
  ::sigemptyset(&endings);
  ::sigaddset(&endings, SIGTERM);
  ::sigaddset(&endings, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &endings, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  sim::Scenario scenario;
  if (!arguments.scenario.empty()) {
    scenario = sim::read_scenario(test::read_file(arguments.scenario));
  }
  sim::ServerOptions options;
  options.settings = std::move(scenario.settings);
  if (!arguments.key.empty()) options.settings.key = arguments.key;
  options.port = arguments.port;
  if (!arguments.plain) options.tls = identity_of(arguments);
  sim::Server server(std::move(options));
  for (auto& job : scenario.jobs) server.add_job(std::move(job));
  for (auto& fault : scenario.faults) server.add_fault(std::move(fault));
  if (!arguments.port_file.empty()) write_port(arguments.port_file, server.port());
  std::cout << "listening on " << server.base_url() << std::endl;
  int signal = 0;
  ::sigwait(&endings, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("A simulated Baseten management API on loopback", "trainstop-sim");
  app.add_option("--scenario", arguments.scenario, "Jobs, settings and faults (JSON)");
  app.add_option("--pki", arguments.pki, "Directory of certificates; made when it has none");
  app.add_option("--certificate", arguments.certificate,
                 "good, expired, not_yet_valid, wrong_host, self_signed, unknown_issuer")
      ->capture_default_str();
  app.add_option("--port", arguments.port, "0: any free one")->capture_default_str();
  app.add_option("--port-file", arguments.port_file, "Gets the port's number");
  app.add_option("--key", arguments.key, "The API key that is accepted");
  app.add_flag("--plain", arguments.plain, "http instead of https");
  CLI11_PARSE(app, argc, argv);
  try {
    return serve(arguments);
  } catch (const std::exception& failed) {
    std::cerr << "trainstop-sim: " << failed.what() << '\n';
    return 1;
  }
}
