using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Laurel.Bench.Load;

/// <summary>Sends requests over many connections from one thread and measures their answers.</summary>
/// <remarks>
/// Goal: to cost little, because it shares the cores with the servers it measures. So one thread waits for all
/// sockets, requests are prepared bytes of which a few digits change, answers are only delimited, and nothing is
/// allocated for a request. Not a goal: HTTP beyond what a keep-alive server on the loopback sends.
/// </remarks>
internal sealed class LoadGenerator : IDisposable
{
    /// <summary>A request that is not answered by then is given up, with its connection.</summary>
    public const double AnswerSecondsMax = 5;

    /// <summary>A due request that finds no free connection by then is given up, as a client's pool would.</summary>
    public const double QueueMillisecondsMax = 500;

    private const long IdleNanoseconds = 50_000_000;
    private const int ReopenedAtOnceMax = 64;

    private static readonly long s_answerTicksMax = (long)(AnswerSecondsMax * Stopwatch.Frequency);
    private static readonly long s_queueTicksMax = (long)(QueueMillisecondsMax / 1000 * Stopwatch.Frequency);
    private static readonly double s_nanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    private readonly LoadSettings _settings;
    private readonly EventPoll _poll = new();
    private readonly Workload _workload;
    private readonly HttpConnection[] _connections;
    private readonly int[] _idle;
    private readonly long _start;
    private readonly long _windowStart;
    private readonly long _windowEnd;
    private readonly double _ticksPerRequest;
    private readonly LoadTally _tally;

    private int _idleCount;
    private int _busyCount;
    private long _next;
    private long _sweptAt;

    private LoadGenerator(LoadSettings settings)
    {
        _settings = settings;
        var members = MemberIds.Read(settings.MembersFile);
        _workload = new Workload(settings.Workload, members, settings.Seed);
        var server = new IPEndPoint(IPAddress.Parse(settings.Address), settings.Port);
        var target = new LoadTarget(server.ToString(), settings.ApiKey);
        _connections = new HttpConnection[settings.Connections];
        _idle = new int[settings.Connections];
        for (var index = 0; index < _connections.Length; index++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"{settings.ReferencePrefix}-{index:D4}");
            _connections[index] = new HttpConnection(index, server, _poll, _workload.RequestsOf(target, prefix));
            _connections[index].Open();
        }

        _start = Stopwatch.GetTimestamp();
        _windowStart = _start + (long)(settings.WarmupSeconds * Stopwatch.Frequency);
        _windowEnd = _windowStart + (long)(settings.MeasureSeconds * Stopwatch.Frequency);
        _ticksPerRequest = settings.RatePerSecond is { } rate ? Stopwatch.Frequency / rate : 0;
        _tally = new LoadTally(settings, _windowStart, _windowEnd);
    }

    private bool IsOpenLoop => _ticksPerRequest > 0;

    /// <summary>Runs to the end of the measured time and, with an open loop, until what is under way is answered or
    /// given up.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">A first connection was refused.</exception>
    public static LoadResult Run(LoadSettings settings)
    {
        Native.SharpenTimers();
        using var generator = new LoadGenerator(settings);
        return generator.Run();
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        _poll.Dispose();
    }

    private LoadResult Run()
    {
        foreach (var connection in _connections)
        {
            BecameIdle(connection, _start);
        }

        RunUntil(_windowStart);
        var before = CpuTimes.Now(_settings.WatchedProcess);
        RunUntil(_windowEnd);
        var cpu = CpuTimes.Now(_settings.WatchedProcess).Since(before);
        if (IsOpenLoop)
        {
            Drain();
        }

        return _tally.Result(cpu);
    }

    private void RunUntil(long end)
    {
        var now = Stopwatch.GetTimestamp();
        while (now < end)
        {
            Step(Math.Min(NanosecondsUntilDue(now), Nanoseconds(end - now)));
            now = Stopwatch.GetTimestamp();
        }
    }

    private void Drain()
    {
        var deadline = _windowEnd + s_answerTicksMax;
        var now = Stopwatch.GetTimestamp();
        while (now < deadline && (_busyCount > 0 || DueAt(_next) < _windowEnd))
        {
            Step(Math.Min(IdleNanoseconds, Nanoseconds(deadline - now)));
            now = Stopwatch.GetTimestamp();
        }

        foreach (var connection in _connections)
        {
            if (connection.State == ConnectionState.Busy)
            {
                _tally.TimedOut(connection.DueAt, now);
            }
        }
    }

    private void Step(long nanoseconds)
    {
        var ready = _poll.Wait(nanoseconds);
        for (var index = 0; index < ready; index++)
        {
            OnReady(_connections[_poll.Ready(index)]);
        }

        if (IsOpenLoop)
        {
            SendDue();
        }

        SweepSometimes();
    }

    private void OnReady(HttpConnection connection)
    {
        if (connection.State == ConnectionState.Connecting)
        {
            var now = Stopwatch.GetTimestamp();
            if (connection.FinishReopen(now))
            {
                BecameIdle(connection, now);
            }

            return;
        }

        var wasBusy = connection.State == ConnectionState.Busy;
        var usable = connection.Receive(out var status);
        var answeredAt = Stopwatch.GetTimestamp();
        if (status != 0)
        {
            _busyCount--;
            _tally.Answered(connection.DueAt, connection.SentAt, answeredAt, status, connection.Answer);
            if (connection.State == ConnectionState.Idle)
            {
                BecameIdle(connection, answeredAt);
            }
            else
            {
                connection.Break(answeredAt);
            }
        }
        else if (!usable)
        {
            Lost(connection, wasBusy, answeredAt, "The server closed the connection or sent no HTTP answer.");
        }
    }

    private void BecameIdle(HttpConnection connection, long now)
    {
        if (IsOpenLoop)
        {
            _idle[_idleCount++] = connection.Index;
        }
        else
        {
            Send(connection, dueAt: now, now);
        }
    }

    private void SendDue()
    {
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            var dueAt = DueAt(_next);
            if (dueAt > now || dueAt >= _windowEnd)
            {
                return;
            }

            if (_idleCount > 0)
            {
                Send(_connections[_idle[--_idleCount]], dueAt, now);
            }
            else if (now - dueAt > s_queueTicksMax)
            {
                _tally.Dropped(dueAt, now);
            }
            else
            {
                return;
            }

            _next++;
        }
    }

    private void Send(HttpConnection connection, long dueAt, long now)
    {
        _busyCount++;
        if (!connection.Send(_workload.Next(connection.Requests), dueAt, now))
        {
            Lost(connection, wasBusy: true, now, "A request could not be sent.");
        }
    }

    private void Lost(HttpConnection connection, bool wasBusy, long now, string reason)
    {
        if (wasBusy)
        {
            _busyCount--;
            _tally.ConnectionFailed(connection.DueAt, now, reason);
        }
        else
        {
            ForgetIdle(connection);
        }

        connection.Break(now);
    }

    private void ForgetIdle(HttpConnection connection)
    {
        var at = Array.IndexOf(_idle, connection.Index, 0, _idleCount);
        if (at >= 0)
        {
            _idle[at] = _idle[--_idleCount];
        }
    }

    private void SweepSometimes()
    {
        var now = Stopwatch.GetTimestamp();
        if (Nanoseconds(now - _sweptAt) < IdleNanoseconds)
        {
            return;
        }

        _sweptAt = now;
        var reopened = 0;
        foreach (var connection in _connections)
        {
            if (connection.State == ConnectionState.Busy && now - connection.SentAt > s_answerTicksMax)
            {
                _busyCount--;
                _tally.TimedOut(connection.DueAt, now);
                connection.Break(now);
            }
            else if (connection.State == ConnectionState.Broken && now >= connection.RetryAt
                && ++reopened <= ReopenedAtOnceMax)
            {
                Reopen(connection, now);
            }
        }
    }

    private void Reopen(HttpConnection connection, long now)
    {
        connection.Reopen(now);
        switch (connection.State)
        {
            case ConnectionState.Idle:
                BecameIdle(connection, now);
                break;
            case ConnectionState.Broken:
                _tally.ConnectionFailed(now, now, "The server takes no connection.");
                break;
            case ConnectionState.Connecting or ConnectionState.Busy:
                break;
        }
    }

    private long DueAt(long request) => _start + (long)(request * _ticksPerRequest);

    // With no idle connection only an answer can change anything, and with none due only time can.
    private long NanosecondsUntilDue(long now) => IsOpenLoop && _idleCount > 0
        ? Math.Clamp(Nanoseconds(DueAt(_next) - now), 0, IdleNanoseconds)
        : IdleNanoseconds;

    private static long Nanoseconds(long ticks) => (long)(ticks * s_nanosecondsPerTick);
}
