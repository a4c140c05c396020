using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Laurel.ContractTests.Product;

/// <summary>Keeps the warnings and errors of an engine under test, so that a failed test can tell them.</summary>
public sealed class FaultsLogged : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _faults = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _faults.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    public override string ToString() => string.Join('\n', _faults);
}
