using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Vault;

/// <summary>Puts everything that is sealed under the current master key, a piece at a time, beside callers who read and write it.</summary>
/// <remarks>
/// <para>A value is replaced only where it still stands as it was read, so two runs at once, a run that is killed, and a caller who changes the same row do
/// no harm; what a caller wrote meanwhile is found by the next pass. A pass that found nothing is the last, until <see cref="s_lookAgain"/> is over: a
/// node that was not started again yet seals under the key before.</para>
/// <para>While some node still seals under another key nothing is done: the two would undo each other's work, and what is under an old key again would be
/// lost when that is dropped.</para>
/// <para>An installation with one master key pays nothing for it, not even a statement.</para>
/// </remarks>
public sealed partial class VaultRewrap(
    Database database, LaneSet lanes, MasterKeys keys, SecretVault secrets, IReadOnlyList<SealedColumn> columns, TimeProvider clock, ILogger<VaultRewrap> logger)
{
    /// <summary>Rows of one piece: few enough that callers do not feel it.</summary>
    private const int RowsOfPiece = 256;

    private const string AllPasses = """
        SELECT sealed_column AS SealedColumn, tenant_id AS TenantId, last_id AS LastId, found AS Found, rewrapped AS Rewrapped, unreadable AS Unreadable,
            finished_at AS FinishedAt
        FROM vault_passes WHERE key_id = @Key
        """;

    private static readonly TimeSpan s_betweenPieces = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan s_lookAgain = TimeSpan.FromHours(1);

    private static readonly SetStatement<(string Key, VaultPass Pass)> s_write = Statements.Write("vault_passes", keys: 1,
        Column<(string Key, VaultPass Pass)>.Text("sealed_column", p => p.Pass.SealedColumn),
        Column<(string Key, VaultPass Pass)>.Text("key_id", p => p.Key),
        Column<(string Key, VaultPass Pass)>.Int32("tenant_id", p => p.Pass.TenantId),
        Column<(string Key, VaultPass Pass)>.Int64("last_id", p => p.Pass.LastId),
        Column<(string Key, VaultPass Pass)>.Int64("found", p => p.Pass.Found),
        Column<(string Key, VaultPass Pass)>.Int64("rewrapped", p => p.Pass.Rewrapped),
        Column<(string Key, VaultPass Pass)>.Int64("unreadable", p => p.Pass.Unreadable),
        Column<(string Key, VaultPass Pass)>.NullableInt64("finished_at", p => p.Pass.FinishedAt));

    private sealed class Row
    {
        public int Tenant { get; init; }

        public long Id { get; init; }

        public byte[]? Sealed { get; init; }
    }

    /// <summary>Runs until a pass over each column has found nothing more to do.</summary>
    /// <param name="isAsked">Whether somebody asks for it: then also what was finished a moment ago is looked through.</param>
    /// <returns>Values that were put under the current key.</returns>
    /// <exception cref="ReadUnavailableException">When a piece could not be written; the next run goes on from there.</exception>
    public async Task<long> RunAsync(bool isAsked, CancellationToken cancellationToken)
    {
        if (!keys.HasOthers)
        {
            return 0;
        }

        var passes = await PassesAsync(database, keys.CurrentId, cancellationToken);
        var lookAgainBefore = Instant.Now(clock).Plus(-s_lookAgain).UnixMicroseconds;
        long rewrapped = 0;
        foreach (var column in columns)
        {
            var others = MasterKeyAgreement.SealingUnderOthers(keys.CurrentId, await LiveNode.AllAsync(database, cancellationToken));
            if (others.Count > 0)
            {
                Waits(logger, others[0].Holder, others[0].MasterKeyIds[0], keys.CurrentId);
                break;
            }

            var pass = passes.FirstOrDefault(one => one.SealedColumn == column.Code) ?? new VaultPass { SealedColumn = column.Code };
            if (isAsked || pass.FinishedAt is null || pass.FinishedAt < lookAgainBefore)
            {
                rewrapped += await RunAsync(column, pass, cancellationToken);
            }
        }

        return rewrapped;
    }

    /// <summary>How far each column is; a column that was not begun under this key is not among them.</summary>
    public static async Task<IReadOnlyList<VaultPass>> PassesAsync(Database database, string keyId, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("vault.passes");
        return [.. await session.Connection.QueryAsync<VaultPass>(new CommandDefinition(AllPasses, new { Key = keyId }, cancellationToken: cancellationToken))];
    }

    private async Task<long> RunAsync(SealedColumn column, VaultPass pass, CancellationToken cancellationToken)
    {
        var before = pass.Rewrapped;
        if (pass.FinishedAt is not null)
        {
            pass = pass.Begun();
        }

        while (pass.FinishedAt is null)
        {
            var rows = await NextAsync(column, pass, cancellationToken);
            var (changed, unreadable) = Rewrap(column, rows);
            pass = pass.After(rows.Count == 0 ? null : (rows[^1].Tenant, rows[^1].Id), changed.Count, unreadable);
            if (rows.Count < RowsOfPiece)
            {
                pass = pass.Found > 0 ? pass.Begun() : pass with { FinishedAt = Instant.Now(clock).UnixMicroseconds };
            }

            if (changed.Count > 0 || unreadable > 0 || rows.Count < RowsOfPiece)
            {
                await WriteAsync(column, changed, pass, cancellationToken);
            }
        }

        Finished(logger, column.Code, keys.CurrentId, pass.Rewrapped - before, pass.Unreadable);
        return pass.Rewrapped - before;
    }

    private async Task<IReadOnlyList<Row>> NextAsync(SealedColumn column, VaultPass pass, CancellationToken cancellationToken)
    {
        var current = MasterSeal.BeginningOf(keys.CurrentId);
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("vault.next");
        return [.. await session.Connection.QueryAsync<Row>(new CommandDefinition(
            column.NextRowsOn(database),
            new { Tenant = pass.TenantId, Id = pass.LastId, Current = current, current.Length, Limit = RowsOfPiece },
            cancellationToken: cancellationToken))];
    }

    private (IReadOnlyList<SealedColumn.Rewrapped> Changed, int Unreadable) Rewrap(SealedColumn column, IReadOnlyList<Row> rows)
    {
        var (changed, unreadable) = (new List<SealedColumn.Rewrapped>(), 0);
        foreach (var row in rows.Where(row => row.Sealed is not null))
        {
            try
            {
                var tenant = new TenantId(row.Tenant);
                if (secrets.Rewrap(tenant, column.Purpose, row.Id, row.Sealed!) is { } rewrapped)
                {
                    changed.Add(new SealedColumn.Rewrapped(tenant, row.Id, row.Sealed!, rewrapped));
                }
            }
            catch (PersonalDataUnreadableException)
            {
                // Its key was dropped before, or it was damaged: nothing can be done for it here, and the others must not wait for it.
                unreadable++;
            }
        }

        return (changed, unreadable);
    }

    private async Task WriteAsync(SealedColumn column, IReadOnlyList<SealedColumn.Rewrapped> changed, VaultPass pass, CancellationToken cancellationToken)
    {
        var write = new LaneWrite("vault", Reach.Everything).Add(column.Replace, changed).Add(s_write, (keys.CurrentId, pass));
        if (await lanes.SubmitAsync(write, cancellationToken) is Outcome.Failed failed)
        {
            throw new ReadUnavailableException($"Sealed values could not be put under the current key: {failed.Refusal.Code}.", null);
        }

        VaultMetrics.Rewrapped(column.Code, changed.Count);
        await Task.Delay(s_betweenPieces, clock, cancellationToken);
    }

    [LoggerMessage(61, LogLevel.Information, "The node {Node} seals under the master key {Other}; nothing is put under {Key} until it was started again.")]
    private static partial void Waits(ILogger logger, string node, string other, string key);

    [LoggerMessage(60, LogLevel.Information, "All of {Column} is under the master key {Key}: {Rewrapped} values were put there now, {Unreadable} cannot be read.")]
    private static partial void Finished(ILogger logger, string column, string key, long rewrapped, long unreadable);
}

/// <summary>How far one column is under one master key.</summary>
public sealed record VaultPass
{
    public required string SealedColumn { get; init; }

    /// <summary>Where the pass stands: of the last row that it has seen.</summary>
    public int TenantId { get; init; }

    public long LastId { get; init; }

    /// <summary>What this pass has put under the key.</summary>
    public long Found { get; init; }

    /// <summary>What all passes have.</summary>
    public long Rewrapped { get; init; }

    /// <summary>What this pass could not open.</summary>
    public long Unreadable { get; init; }

    /// <summary>When a pass found nothing more to do, in microseconds; null while one is under way.</summary>
    public long? FinishedAt { get; init; }

    internal VaultPass Begun() => this with { TenantId = 0, LastId = 0, Found = 0, Unreadable = 0, FinishedAt = null };

    internal VaultPass After((int Tenant, long Id)? last, int rewrapped, int unreadable) => this with
    {
        TenantId = last?.Tenant ?? TenantId,
        LastId = last?.Id ?? LastId,
        Found = Found + rewrapped,
        Rewrapped = Rewrapped + rewrapped,
        Unreadable = Unreadable + unreadable,
    };
}
