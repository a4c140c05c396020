using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Audit;

/// <summary>Gathers which calls of known callers were refused, and who tried in vain to sign in as whom, and has the audit record them every few seconds.</summary>
/// <remarks>
/// <para>A refused call is no write: equal ones are one record with how often and from when to when, all records are one request to a lane, and there are
/// at most <see cref="KindsOfTenantMax"/> for a tenant and <see cref="KindsMax"/> for all. How many calls found no room is a record itself
/// (docs/adr/0108).</para>
/// <para>What was gathered since the last time is lost when the process is killed. What the caller typed is never gathered: people type passwords where
/// names belong.</para>
/// </remarks>
public sealed partial class RefusedCalls : IAsyncDisposable
{
    /// <summary>The operation of calls that a key or a user may not make.</summary>
    public const string Access = "AccessRefused";

    /// <summary>The operation of tries to sign in.</summary>
    public const string SignIn = "SignInRefused";

    /// <summary>The operation of the record that counts what found no room.</summary>
    public const string LeftOut = "RefusalsLeftOut";

    /// <summary>Kinds of calls of one tenant at a time.</summary>
    public const int KindsOfTenantMax = 32;

    /// <summary>Kinds of calls of all tenants at a time.</summary>
    public const int KindsMax = 512;

    /// <summary>How often they are recorded.</summary>
    public static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(15);

    private readonly LaneSet _lanes;
    private readonly ClientAddresses _addresses;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private readonly Lock _lock = new();
    private Gathered _gathered = new();

    /// <param name="every">How often they are recorded.</param>
    public RefusedCalls(LaneSet lanes, ClientAddresses addresses, TimeSpan every, TimeProvider clock, ILogger<RefusedCalls> logger)
    {
        (_lanes, _addresses, _clock, _logger) = (lanes, addresses, clock, logger);
        _loop = Task.Run(() => LoopAsync(every));
    }

    /// <summary>Notes a call that is being refused, where it is known who calls or as whom somebody signs in. Costs other refusals two looks.</summary>
    internal static void Note(HttpContext context, ErrorKind kind)
    {
        if (kind.Status is < StatusCodes.Status400BadRequest or >= StatusCodes.Status500InternalServerError)
        {
            return;
        }

        var tried = context.Features.Get<TriedUser>();
        var isOfAccess = kind.Code == ErrorCode.SignInCodeInvalid
            || kind.Status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests;
        var caller = tried is null && isOfAccess ? context.Features.Get<Actor>() ?? context.Features.Get<RefusedCaller>()?.Actor : null;
        if (tried is not null || caller is not null)
        {
            context.RequestServices.GetService<RefusedCalls>()?.Note(context, kind.Code, tried, caller);
        }
    }

    /// <summary>Has what is gathered recorded. What cannot be recorded now is gathered again.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        Gathered gathered;
        lock (_lock)
        {
            (gathered, _gathered) = (_gathered, new Gathered());
        }

        var (kinds, leftOut) = (gathered.Kinds.ToList(), gathered.LeftOut.ToList());
        if (kinds.Count == 0)
        {
            return;
        }

        List<Command> commands =
        [
            .. kinds.Select(kind => new NoteRefusals(kind.Key, kind.Value)), .. leftOut.Select(tenant => new NoteRefusals(tenant.Key, tenant.Value)),
        ];
        var recorded = new bool[commands.Count];
        try
        {
            recorded = Array.ConvertAll(await _lanes.SubmitAsync(commands, cancellationToken), outcome => outcome is Outcome.Applied);
        }
        finally
        {
            lock (_lock)
            {
                kinds.Where((_, i) => !recorded[i]).ToList().ForEach(kind => _gathered.Add(kind.Key, kind.Value));
                leftOut.Where((_, i) => !recorded[kinds.Count + i]).ToList().ForEach(tenant => _gathered.LeaveOut(tenant.Key, tenant.Value));
            }
        }

        if (recorded.Contains(false))
        {
            LogNotRecorded(_logger, null);
        }
    }

    /// <summary>Has what is gathered recorded, and stops. The lanes are still open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await TryFlushAsync();
        _stop.Dispose();
    }

    /// <summary>Notes a refused call.</summary>
    /// <param name="from">Who called; of equal calls that of the first is recorded.</param>
    public void Note(RefusedCall call, Origin from)
    {
        var now = Instant.Now(_clock);
        lock (_lock)
        {
            _gathered.Add(call, new RefusedTimes(from, 1, now, now));
        }
    }

    private void Note(HttpContext context, string code, TriedUser? tried, Actor? caller)
    {
        var from = CallOrigin.Of(context, tried is null ? caller : null, _addresses);
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var call = new RefusedCall(
            tried?.Tenant ?? caller!.Tenant, tried is null ? Access : SignIn, from.Operator, tried?.User ?? 0, $"{context.Request.Method} {route}", code, from.Address);
        Note(call, from);
    }

    private async Task LoopAsync(TimeSpan every)
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(every, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_stop.IsCancellationRequested)
            {
                await TryFlushAsync();
            }
        }
    }

    private async Task TryFlushAsync()
    {
        try
        {
            await FlushAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotRecorded(_logger, exception);
        }
    }

    [LoggerMessage(150, LogLevel.Warning, "Refused calls could not be recorded yet.")]
    private static partial void LogNotRecorded(ILogger logger, Exception? exception);

    /// <summary>What was refused since the last time.</summary>
    private sealed class Gathered
    {
        private readonly Dictionary<TenantId, int> _kindsOfTenant = [];

        public Dictionary<RefusedCall, RefusedTimes> Kinds { get; } = [];

        public Dictionary<TenantId, long> LeftOut { get; } = [];

        public void Add(RefusedCall call, RefusedTimes times)
        {
            if (Kinds.TryGetValue(call, out var before))
            {
                Kinds[call] = before.And(times);
                return;
            }

            var ofTenant = _kindsOfTenant.GetValueOrDefault(call.Tenant);
            if (ofTenant >= KindsOfTenantMax || Kinds.Count >= KindsMax)
            {
                LeaveOut(call.Tenant, times.Count);
                return;
            }

            _kindsOfTenant[call.Tenant] = ofTenant + 1;
            Kinds.Add(call, times);
        }

        public void LeaveOut(TenantId tenant, long calls) => LeftOut[tenant] = LeftOut.GetValueOrDefault(tenant) + calls;
    }
}
