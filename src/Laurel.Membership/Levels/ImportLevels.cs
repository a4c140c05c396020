using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Levels;

/// <summary>A change of level that another system made.</summary>
public sealed record ImportedLevel
{
    /// <summary>The code of a level of this programme; of the last change one that is active.</summary>
    public required string Level { get; init; }

    /// <summary>When it was reached.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>In the other system's words; <c>imported</c> when absent.</summary>
    public string? Reason { get; init; }
}

/// <summary>What <c>POST /api/members/{id}/level/history</c> asks for.</summary>
public sealed record ImportLevelsBody
{
    /// <summary>1 to 1,000, the oldest first, all later than the member's last change.</summary>
    public required IReadOnlyList<ImportedLevel> Changes { get; init; }

    /// <summary>Who imports them.</summary>
    public required string Operator { get; init; }
}

/// <summary>What an import of changes did.</summary>
public sealed record ImportLevelsReply
{
    public required string MemberId { get; init; }

    /// <summary>The code of the level now.</summary>
    public required string Level { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>How many changes were written.</summary>
    public required int Changes { get; init; }
}

/// <summary>A history as it was read.</summary>
internal sealed record ReadLevelHistory(IReadOnlyList<ImportedLevel> Changes, string Operator)
{
    public const int ChangesMax = 1_000;

    public static ReadLevelHistory Read(JsonFields fields)
    {
        var read = new ReadLevelHistory(fields.List("changes", ChangesMax, ReadChange), fields.Identifier("operator", 255));
        if (read.Changes.Count == 0 && fields.Has("changes") && !fields.HasFaults)
        {
            fields.Fail("changes", FieldErrorCode.Required);
        }

        fields.RefuseUnknown();
        return read;
    }

    private static ImportedLevel ReadChange(JsonFields fields)
    {
        if (!fields.Has("time"))
        {
            fields.Fail("time", FieldErrorCode.Required);
        }

        var change = new ImportedLevel
        {
            Level = fields.Identifier("level", 64),
            Time = fields.TimeOrNull("time")?.ToDateTimeOffset() ?? default,
            Reason = fields.TextOrNull("reason", LevelEdit.ReasonLengthMax),
        };
        fields.RefuseUnknown();
        return change;
    }
}

/// <summary>Writes the changes of level that another system made, as they were dated there. The rules judge the level on from the last one.</summary>
/// <remarks>Refusals, first match wins: MEMBER_NOT_FOUND, TRACK_NOT_FOUND, and of each change LEVEL_NOT_FOUND, LEVEL_HISTORY_DISORDERED, LEVEL_DISABLED.</remarks>
/// <param name="changes">The oldest first; at least one.</param>
/// <param name="importedBy">Who imports them.</param>
public sealed class ImportLevels(TenantId tenant, MemberReference member, IReadOnlyList<ImportedLevel> changes, string importedBy, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>The code of the track whose levels they are; null for the main ladder.</summary>
    public string? Track { get; init; }

    /// <summary>Whether each change is known by its member and its time for ever, so that the same import again is a duplicate. Without, what
    /// was imported lies behind the last change and is refused as disordered.</summary>
    public bool IsOnce { get; init; }

    /// <summary>Whether nothing of the same history follows: the last change is told as an event, and its level must be active.</summary>
    public bool IsWhole { get; init; } = true;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Changes of a member who is not there are refused, and claim nothing.
        foreach (var change in IsOnce && Member.Resolve(handles) is not null ? changes : [])
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{Member.Resolve(handles)}|{Instant.From(change.Time).UnixMicroseconds}");
            name = Track is null ? name : $"{name}|{Track}";
            claims.Add(new Claim(Hash128.Of(Tenant.Value, "level-import", name), Hash128.Of(Tenant.Value, change.Level, change.Reason ?? "")));
        }
    }

    protected override Cause CauseOf() => new("Level imported", "level", "import");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (posting.Programme.FindLadder(Track) is not { } ladder)
        {
            return new Decision.Refuse(LevelEdits.TrackNotFound(Track));
        }

        var latest = LevelFigures.Of(posting.Book, ladder).HeldSince;
        for (var i = 0; i < changes.Count; i++)
        {
            if (RefusalOf(i, ladder, posting.Time, latest) is { } refusal)
            {
                return new Decision.Refuse(refusal);
            }

            latest = Instant.From(changes[i].Time);
        }

        for (var i = 0; i < changes.Count; i++)
        {
            posting.ImportLevel(ladder, changes[i], importedBy, isLast: IsWhole && i == changes.Count - 1);
        }

        posting.ScheduleLevel(posting.Time);
        var (book, now) = (posting.Book, LevelFigures.Of(posting.Book, ladder));
        var reply = new ImportLevelsReply { MemberId = book.IdText, Level = now.HeldCode, Since = now.HeldSince.ToDateTimeOffset(), Changes = changes.Count };
        return new Decision.Apply(reply, book.Identity.Id.Value, 0, 0);
    }

    private Refusal? RefusalOf(int index, LevelJudge ladder, Instant now, Instant latest)
    {
        var change = changes[index];
        var at = $"/changes/{index.ToString(CultureInfo.InvariantCulture)}";
        if (ladder.Find(change.Level) is not { } found)
        {
            return LevelEdits.NotFound(change.Level) with { Pointer = $"{at}/level" };
        }

        if (Instant.From(change.Time) <= latest || Instant.From(change.Time) > now)
        {
            return new Refusal(ErrorCode.LevelHistoryDisordered, ("after", latest.ToString()), ("latest", now.ToString())) { Pointer = $"{at}/time" };
        }

        return IsWhole && index == changes.Count - 1 && !found.Active
            ? new Refusal(ErrorCode.LevelDisabled, ("levelCode", change.Level)) { Pointer = $"{at}/level" }
            : null;
    }
}
