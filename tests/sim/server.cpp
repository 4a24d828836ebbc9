#include <condition_variable>
#include <mutex>
#include <utility>

#include "sim/admin.hpp"
#include "sim/api.hpp"
#include "sim/listener.hpp"
#include "sim/sim.hpp"

namespace trainstop::sim {

class Server::Impl {
 public:
  explicit Impl(ServerOptions options)
      : tls(options.tls.has_value()), api(std::move(options.settings)) {
    ListenerHooks hooks;
    hooks.answer = [this](const Received& request) {
      const std::lock_guard lock(mutex);
      const Moment now = read_clocks();
      Plan plan = is_admin(request) ? answer_admin(api, request, now) : api.answer(request, now);
      changed.notify_all();
      return plan;
    };
    hooks.connected = [this] {
      const std::lock_guard lock(mutex);
      changed.notify_all();
      return ++api.world.truth().connections;
    };
    hooks.handshake_failed = [this] {
      const std::lock_guard lock(mutex);
      changed.notify_all();
      ++api.world.truth().failed_handshakes;
    };
    listener = make_listener(options.tls, options.port, std::move(hooks));
  }

  /// Runs it under the lock at the present time, and wakes who waits.
  template <class F>
  auto with(F&& what) {
    const std::lock_guard lock(mutex);
    changed.notify_all();
    const Moment now = read_clocks();
    api.world.advance(now);
    return what(now);
  }

  bool wait_until(const std::function<bool(const Truth&)>& holds, Duration within) {
    std::unique_lock lock(mutex);
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (true) {
      const Moment now = read_clocks();
      api.world.advance(now);
      if (holds(api.world.truth())) return true;
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left.count() <= 0) return false;
      const Duration next = api.world.next_change();
      auto pause = std::chrono::duration_cast<Duration>(left) + Duration(1);
      if (next != kNeverEnds) pause = std::min(pause, next - now.boot + Duration(1));
      changed.wait_for(lock, pause);
    }
  }

  bool tls;
  std::mutex mutex;
  std::condition_variable changed;
  Api api;
  std::unique_ptr<Listener> listener;  ///< last: its thread uses the others until it is gone
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;

std::uint16_t Server::port() const {
  return impl_->listener->port();
}

std::string Server::base_url(const std::string& host) const {
  return (impl_->tls ? "https://" : "http://") + host + ":" + std::to_string(port());
}

void Server::add_job(JobScript script) {
  impl_->with([&](Moment now) { impl_->api.world.add_job(std::move(script), now); });
}

void Server::set_status(const std::string& job_id, const std::string& status) {
  impl_->with([&](Moment now) { impl_->api.world.set_status(job_id, status, now); });
}

void Server::touch(const std::string& job_id) {
  impl_->with([&](Moment now) { impl_->api.world.touch(job_id, now); });
}

void Server::remove_job(const std::string& job_id) {
  impl_->with([&](Moment) { impl_->api.world.set_removed(job_id, true); });
}

void Server::restore_job(const std::string& job_id) {
  impl_->with([&](Moment) { impl_->api.world.set_removed(job_id, false); });
}

void Server::change(const std::function<void(Settings&)>& change) {
  impl_->with([&](Moment) { impl_->api.world.change(change); });
}

void Server::set_latency(Endpoint endpoint, Duration latency) {
  change(
      [&](Settings& settings) { settings.latency[static_cast<std::size_t>(endpoint)] = latency; });
}

void Server::set_price(const std::string& instance_type, const std::string& price_json) {
  change([&](Settings& settings) {
    for (auto& type : settings.instance_types) {
      if (type.id == instance_type) type.price = price_json;
    }
  });
}

std::size_t Server::add_fault(Fault fault) {
  return impl_->with([&](Moment) { return impl_->api.add_fault(std::move(fault)); });
}

void Server::remove_fault(std::size_t number) {
  impl_->with([&](Moment) { impl_->api.faults.remove(number); });
}

void Server::clear_faults() {
  impl_->with([&](Moment) { impl_->api.faults.clear(); });
}

void Server::set_listening(bool listening) {
  impl_->listener->set_listening(listening);
}
void Server::set_mute(bool mute) {
  impl_->listener->set_mute(mute);
}
void Server::reset_connections() {
  impl_->listener->reset_connections();
}

Truth Server::truth() const {
  return impl_->with([&](Moment) { return impl_->api.world.truth(); });
}

JobTruth Server::job(const std::string& job_id) const {
  return impl_->with([&](Moment) {
    const auto& jobs = impl_->api.world.truth().jobs;
    const auto found = jobs.find(job_id);
    return found == jobs.end() ? JobTruth() : found->second;
  });
}

bool Server::wait_until(const std::function<bool(const Truth&)>& holds, Duration within) const {
  return impl_->wait_until(holds, within);
}

}  // namespace trainstop::sim
