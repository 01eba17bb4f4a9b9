// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/isolation/serve.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/plugin/isolation/candidate_message.hpp"
#include "engine/plugin/isolation/channel.hpp"
#include "engine/plugin/isolation/description_message.hpp"
#include "engine/plugin/isolation/opening.hpp"
#include "engine/plugin/registry.hpp"

namespace sotto::plugin::isolation {
namespace {

constexpr int exit_orphaned = 1;

// The program that this process serves is gone: what a plug-in started goes as well.
[[noreturn]] void end_orphaned() {
    if (getpgrp() == getpid()) {
        kill(0, SIGKILL);
    }
    _exit(exit_orphaned);
}

[[noreturn]] void end_disconnected() {
    constexpr std::string_view text = "a plug-in closed the connection of its process to the program\n";
    static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
    _exit(exit_orphaned);
}

// A plug-in that hangs does not keep the process when the program it serves is gone.
void end_with_other_side() {
    std::thread([] {
        pollfd watched = {serve_descriptor, POLLRDHUP, 0};
        while (true) {
            if (poll(&watched, 1, -1) > 0) {
                if ((watched.revents & POLLRDHUP) != 0) {
                    end_orphaned();
                }
                end_disconnected();
            }
        }
    }).detach();
}

class Server {
  public:
    Server(Channel& channel, const std::function<void(Registry&)>& add_built_in)
        : channel_(channel), add_built_in_(add_built_in) {}

    // False: asked to end.
    bool answer(const Channel::Message& request) {
        MessageReader body(request.body);
        answer_.clear();
        try {
            switch (request.type) {
                case MessageType::describe:
                    open(read_opening(body));
                    write(answer_, registry_->list());
                    send(MessageType::described);
                    return true;
                case MessageType::create:
                    create(body);
                    return true;
                case MessageType::evaluate:
                    evaluate(body);
                    return true;
                case MessageType::per_operation:
                    read_candidates(body, 1);
                    send_values(instance().per_operation(*candidates_.front()));
                    return true;
                case MessageType::standard_deviations:
                    read_candidates(body, 1);
                    send_values(instance().standard_deviations(*candidates_.front()));
                    return true;
                case MessageType::cancel:  // came after the end of its call
                    return true;
                case MessageType::quit:
                    return false;
                default:
                    throw ProtocolError("found a request of type " +
                                        std::to_string(static_cast<std::uint32_t>(request.type)));
            }
        } catch (const PluginError& error) {
            answer_.clear();
            answer_.text(error.what());
            send(MessageType::refused);
            return true;
        }
    }

  private:
    void open(const Opening& opening) {
        HostServices services;
        services.log = [this](int level, std::string_view text) {
            MessageWriter message;
            message.number(static_cast<std::int32_t>(level));
            message.text(text);
            const std::lock_guard lock(sending_);
            channel_.send(MessageType::log, message.bytes());
        };
        // While a call runs, all that can come is the request to give it up, or the end of the other side.
        services.is_cancelled = [this] { return channel_.has_news(); };
        services.name = opening.host_name;
        registry_.emplace(std::move(services));
        if (opening.library.empty()) {
            add_built_in_(*registry_);
        } else {
            registry_->load_library(opening.library, opening.writable);
        }
    }

    void create(MessageReader& body) {
        open(read_opening(body));
        const auto kind = static_cast<Kind>(body.count(static_cast<std::uint32_t>(Kind::accuracy_proxy)));
        const std::string id = body.text();
        std::map<std::string, std::string> arguments;
        for (std::uint32_t left = body.count(most_list_entries); left > 0; --left) {
            std::string name = body.text();
            arguments[std::move(name)] = body.text();
        }
        body.require_end();
        instance_ = registry_->create(kind, id, arguments);
        write(answer_, instance_->describe());
        send(MessageType::created);
    }

    Instance& instance() {
        if (!instance_) {
            throw ProtocolError("found a candidate before any plug-in");
        }
        return *instance_;
    }

    void read_candidates(MessageReader& body, std::size_t count) {
        while (views_.size() < count) {
            views_.push_back(std::make_unique<CandidateView>());
            candidates_.push_back(views_.back().get());
        }
        for (std::size_t i = 0; i < count; ++i) {
            read_candidate(body, *views_[i]);
        }
        body.require_end();
    }

    void evaluate(MessageReader& body) {
        const std::uint32_t count = body.count(most_candidates);
        read_candidates(body, count);
        scores_.resize(std::max<std::size_t>(scores_.size(), count));
        instance().evaluate(std::span(candidates_).first(count), std::span(scores_).first(count));
        for (std::uint32_t i = 0; i < count; ++i) {
            write(answer_, scores_[i]);
        }
        send(MessageType::scores);
    }

    void send_values(const std::vector<double>& values) {
        if (values.size() > most_list_entries) {
            throw PluginError("per-operation values: found " + std::to_string(values.size()) + ", expected at most " +
                              std::to_string(most_list_entries) + " from an isolated plug-in");
        }
        answer_.list(values.data(), static_cast<std::uint32_t>(values.size()));
        send(MessageType::values);
    }

    void send(MessageType type) {
        const std::lock_guard lock(sending_);
        channel_.send(type, answer_.bytes());
    }

    Channel& channel_;
    const std::function<void(Registry&)>& add_built_in_;
    std::mutex sending_;
    std::optional<Registry> registry_;
    std::unique_ptr<Instance> instance_;  // before the registry at the end
    MessageWriter answer_;
    std::vector<std::unique_ptr<CandidateView>> views_;
    std::vector<const CandidateView*> candidates_;
    std::vector<Score> scores_;
};

}  // namespace

int serve(const std::function<void(Registry&)>& add_built_in) {
    // What a plug-in starts does not hold the connection open.
    fcntl(serve_descriptor, F_SETFD, FD_CLOEXEC);
    end_with_other_side();
    // Never closed: the other side sees the end of the connection when the process has really ended.
    static Channel& channel = *new Channel(serve_descriptor);
    try {
        Server server(channel, add_built_in);
        while (server.answer(channel.receive())) {
        }
    } catch (const ConnectionLost&) {
        if (fcntl(serve_descriptor, F_GETFD) < 0) {
            end_disconnected();
        }
        end_orphaned();
    }
    return 0;
}

}  // namespace sotto::plugin::isolation
