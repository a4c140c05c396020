using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Openings;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Points;

/// <summary>Why a movement is what it is, in words.</summary>
public sealed record RecordExplanation
{
    public required PointsRecord Record { get; init; }

    /// <summary>The name of the rule in the version that made it; null where no rule of the programme did.</summary>
    public required string? RuleName { get; init; }

    /// <summary>Sentences in the language asked for, in the order in which things happened.</summary>
    public required IReadOnlyList<string> Sentences { get; init; }
}

/// <summary>Explains movements from what their entries recorded: the rule and version, and the numbers that made them.</summary>
public sealed class RecordExplanations(Database database, ProgrammeStore programmes)
{
    private const string ReadRecord = "SELECT " + PointsQueries.RecordColumns + " FROM entries e WHERE e.tenant_id = @Tenant AND e.id = @Id AND e.id >= " + OpeningCut.InForce;

    /// <summary>Null when there is no such movement, or its entry is detached.</summary>
    public async Task<RecordExplanation?> ReadAsync(TenantId tenant, long id, Language language, CancellationToken cancellationToken)
    {
        RecordRows.Record? row;
        IReadOnlyList<LotTakeReply> takes;
        await using (var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken))
        {
            var command = new CommandDefinition(ReadRecord, new { Tenant = tenant.Value, Id = id }, cancellationToken: cancellationToken);
            row = await session.Connection.QuerySingleOrDefaultAsync<RecordRows.Record>(command);
            if (row is null)
            {
                return null;
            }

            var ofEntry = new CommandDefinition(
                PointsQueries.ReadTakes, new { Tenant = tenant.Value, Member = row.MemberId, First = id, Last = id }, cancellationToken: cancellationToken);
            takes = [.. (await session.Connection.QueryAsync<RecordRows.Take>(ofEntry)).Select(take => new LotTakeReply { LotId = take.LotId.ToString(CultureInfo.InvariantCulture), Points = take.Points })];
        }

        var programme = new ActiveProgramme(await programmes.ReadAsync(tenant, row.RuleVersion, cancellationToken));
        var rule = programme.Programme.Rules.FirstOrDefault(candidate => candidate.Code == row.Rule);
        var record = row.ToRecord(takes);
        return new RecordExplanation
        {
            Record = record,
            RuleName = row.Kind == EntryNames.Earn ? rule?.NameIn(language) : null,
            Sentences = [.. new ExplanationWords(record, row.Kind == EntryNames.Earn ? rule : null, programme).Sentences().Select(sentence => sentence.In(language))],
        };
    }
}
