// systemd's journal by its native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): a datagram
// each, with the event's fields as fields of the entry: TRAINSTOP_EVENT, TRAINSTOP_JOB, PRIORITY.
#pragma once

#include <optional>
#include <string>

#include "log/target.hpp"
#include "model/descriptor.hpp"

namespace trainstop::log {

/// Whether stderr is the journal's, as $JOURNAL_STREAM (systemd.exec(5)) says.
bool stderr_is_the_journal();

class JournalTarget final : public Target {
 public:
  explicit JournalTarget(std::string socket = "/run/systemd/journal/socket");
  /// Whether somebody listens there.
  bool is_connected() const { return connection_.has_value(); }

  /// MESSAGE is the line in `format`; each field of the event is TRAINSTOP_ and its name in
  /// capitals, texts as they are, all else as JSON.
  std::string render(const Event& event, std::uint64_t seq, Format format) const override;
  Result<void> reopen() override;

 private:
  bool write(std::string_view rendered) override;
  void connect();

  std::string socket_;
  std::optional<Descriptor> connection_;
};

}  // namespace trainstop::log
