using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Search;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Programmes;

/// <summary>What an edit makes of a programme: the next one, or why it makes none.</summary>
public abstract record ProgrammeEdit
{
    private ProgrammeEdit()
    {
    }

    public sealed record To(Programme Programme) : ProgrammeEdit;

    public sealed record Refused(Refusal Refusal) : ProgrammeEdit;
}

/// <summary>Changes a tenant's programme: a new version, in force for every command that is decided after it.</summary>
/// <remarks>Refusals, first match wins: PROGRAMME_CHANGED, those of the edit, PROGRAMME_SET_BY_SETTINGS, UNIT_REMOVED, PROGRAMME_INVALID. An edit
/// that changes nothing makes no version.</remarks>
/// <param name="edit">Pure: called once for each attempt, with the newest programme.</param>
public sealed class ChangeProgramme(TenantId tenant, Func<Programme, ProgrammeEdit> edit, ProgrammeKind programmes) : Command(tenant)
{
    /// <summary>The version that the caller has seen: the change is refused when there is another. Null takes any.</summary>
    public int? BaseVersion { get; init; }

    /// <summary>Who asks.</summary>
    public required string ChangedBy { get; init; }

    /// <summary>In the caller's words; null when none were given.</summary>
    public string? Reason { get; init; }

    public override long FairnessKey => 0;

    public override void NameHandles(HandleResolution handles)
    {
        // A programme is found by its tenant.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(programmes.RootOf(Tenant));

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // The same change made again changes nothing.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // The document is all there is.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var root = programmes.RootOf(Tenant);
        var current = draft.Find<ActiveProgramme>(root)?.Programme;
        Invariant.Require(current is not null, "Every tenant has a programme.");
        if (BaseVersion is { } wanted && wanted != current.Version)
        {
            return new Decision.Refuse(new Refusal("PROGRAMME_CHANGED", ("version", current.Version), ("baseVersion", wanted)));
        }

        switch (edit(current))
        {
            case ProgrammeEdit.Refused refused:
                return new Decision.Refuse(refused.Refusal);
            case ProgrammeEdit.To { Programme: var next }:
                return Change(draft, root, current, next with { Version = current.Version });
            default:
                throw new InvariantBrokenException("An edit gives a programme or a refusal.");
        }
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (JsonSerializer.SerializeToUtf8Bytes(reply, ProgrammeDocument.Options), 0);

    private Decision Change(Draft draft, RootRef root, Programme current, Programme next)
    {
        var document = ProgrammeDocument.Write(next);
        if (document == ProgrammeDocument.Write(current))
        {
            return new Decision.Apply(new ProgrammeVersion(current.Version), 0, 0, 0);
        }

        if (ProgrammeDocument.Write(programmes.SettingsOf(Tenant)(next)) != document)
        {
            return new Decision.Refuse(new Refusal("PROGRAMME_SET_BY_SETTINGS"));
        }

        if (current.Units.FirstOrDefault(unit => next.FindUnit(unit.Code) is null) is { } removed)
        {
            return new Decision.Refuse(new Refusal("UNIT_REMOVED", ("unit", removed.Code)) { Pointer = "/units" });
        }

        if (next.Mistakes(programmes.Benefits) is [var mistake, ..])
        {
            return new Decision.Refuse(new Refusal("PROGRAMME_INVALID", ("mistake", mistake)));
        }

        var stored = next with { Version = current.Version + 1 };
        draft.Replace(root, new ActiveProgramme(stored, programmes.Benefits));
        draft.Insert(ProgrammeStatements.InsertVersion, new VersionRow(Tenant.Value, stored.Version, ProgrammeDocument.Write(stored), draft.Now, ChangedBy, Reason));
        if (current.Search.Figures != stored.Search.Figures)
        {
            draft.Insert(FillRow.Forget, FillRow.FiguresOf(Tenant));
        }

        return new Decision.Apply(new ProgrammeVersion(stored.Version), 0, 0, 0);
    }
}

/// <summary>Which version of the programme is in force.</summary>
public sealed record ProgrammeVersion(int Version);
