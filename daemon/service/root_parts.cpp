// What the parts of the daemon see of each other.
#include <random>
#include <utility>

#include "service/root.hpp"
#include "service/secrets.hpp"
#include "service/sink_test.hpp"

namespace trainstop::service {

Reception::Parts Root::reception_parts() {
  Reception::Parts parts;
  parts.options.path = input_.config.control.socket;
  parts.options.group = input_.config.control.group;
  parts.options.mode = input_.config.control.mode;
  parts.tell = [this](Event event) { keeper_.tell(std::move(event)); };
  parts.utc_now = [this] { return feed_.utc_now(); };
  parts.desk.core = [this] { return recalled_ ? &loop_->core() : nullptr; };
  parts.desk.post = [this](core::Fact fact) { loop_->post(std::move(fact)); };
  parts.desk.complete = [this](Value::Object& status) {
    status.emplace_back("version", TRAINSTOP_VERSION);
    status.emplace_back("journal", keeper_.degraded() ? "degraded" : "ok");
    status.emplace_back("loop_lag_s", loop_lag_);
    if (!keeper_.degraded()) return;
    for (auto& [key, value] : status) {
      auto* const impaired = std::get_if<Value::Array>(&value.data);
      if (key == "impaired" && impaired != nullptr)
        impaired->emplace_back(
            "the journal can't be written: a restart would forget what is decided");
    }
  };
  parts.desk.reload = [this](ReloadRequest request, const std::string& user,
                             Desk::Answered answered) {
    reloader_.reload(request, user, std::move(answered));
  };
  parts.desk.check = [this](CheckRequest request, Desk::Answered answered) {
    reloader_.check(std::move(request), std::move(answered));
  };
  parts.desk.notify = [this](NotifyRequest request, Desk::Answered answered) {
    test_sinks(notifier_, request.sink, std::move(answered));
  };
  return parts;
}

Reloader::Parts Root::reloader_parts() {
  Reloader::Parts parts;
  parts.file = input_.config_file;
  parts.directory = input_.config.state_dir;
  parts.observe = input_.observe;
  parts.config = [this]() -> const policy::Config& { return input_.config; };
  parts.journal_is_whole = [this] { return !keeper_.degraded(); };
  parts.utc_now = [this] { return feed_.utc_now(); };
  parts.tell = [this](Event event) { keeper_.tell(std::move(event)); };
  parts.busy = [this](bool busy) { tell_reloading(busy); };
  parts.post = [this](core::Fact fact) { loop_->post(std::move(fact)); };
  parts.expect = [this](Desk::Answered answered) {
    return reception_.desk().expect(std::move(answered));
  };
  parts.prepare = [this](const policy::Config& config) -> Result<void> {
    auto secrets = take_notify_secrets(config, input_.notify_secrets);
    if (secrets.has_error()) return secrets.error();
    const auto configured = notifier_.configure(config, *secrets);
    if (!configured.has_error()) input_.notify_secrets = std::move(secrets).value();
    return configured;
  };
  parts.loaded = [this](const std::shared_ptr<const policy::Config>& config,
                        const std::vector<std::string>& warnings) {
    input_.config = *config;
    keeper_.keep(config_image(input_.config, input_.config_file));
    keeper_.tell(config_loaded(feed_.utc_now(), input_.config, warnings));
  };
  return parts;
}

notify::Hooks Root::notify_hooks() {
  notify::Hooks hooks;
  hooks.now = [this] { return clock_.now(); };
  hooks.utc = [this] { return feed_.utc_now(); };
  hooks.tell = [this](Event event) { keeper_.tell(std::move(event)); };
  hooks.keep = [this](Image image) { keeper_.keep(std::move(image)); };
  hooks.random = [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::generate_canonical<double, 10>(engine);
  };
  return hooks;
}

}  // namespace trainstop::service
